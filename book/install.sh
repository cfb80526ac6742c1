#!/bin/sh
# Make .venv hold exactly what constraints.txt pins: install.sh PYTHON. Safe to interrupt and repeat.
set -eu
python=$1
stop() { printf '%s\n' "$@" >&2; exit 1; }

command -v "$python" >/dev/null ||
    stop "PYTHON: given $python, which is not there; expected Python 3.11 or newer. Try make PYTHON=/path/to/python3.12."
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    stop "PYTHON: given $("$python" --version 2>&1); expected Python 3.11 or newer. Try make PYTHON=/path/to/python3.12."
"$python" -c 'import ensurepip, venv' 2>/dev/null ||
    stop "PYTHON: $python has no venv module with pip. Try apt install python3-venv, or another PYTHON=."

started=$(date +%s)
printf 'install   .venv from constraints.txt (some minutes the first time) ...'
# A .venv that does not run (moved, half made, its Python gone) is made anew.
.venv/bin/python -m pip --version >/dev/null 2>&1 || "$python" -m venv --clear .venv
mkdir -p .venv/var
log=.venv/var/install.log
if ! .venv/bin/python -m pip install -qq -c constraints.txt -e '.[book,grid,real,test]' >"$log" 2>&1; then
    printf ' failed\n'
    tail -n 20 "$log" >&2
    stop "" "The packages were not installed. Try again when the package index can be reached; the log is $log."
fi
# Matplotlib lists the fonts once and says so on the first page that draws; here nobody sees it.
.venv/bin/python -c 'import matplotlib.font_manager' >>"$log" 2>&1
printf ' %s s\n' $(($(date +%s) - started))
