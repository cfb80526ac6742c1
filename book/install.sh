#!/bin/sh
# Make .venv hold exactly what constraints.txt pins: install.sh PYTHON. Safe to interrupt and repeat.
set -euf
python=$1
stop() { printf '%s\n' "$@" >&2; exit 1; }

command -v "$python" >/dev/null ||
    stop "PYTHON: given $python, which is not there; expected Python 3.11 or newer. Try make PYTHON=/path/to/python3.12."
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    stop "PYTHON: given $("$python" --version 2>&1); expected Python 3.11 or newer. Try make PYTHON=/path/to/python3.12."
"$python" -c 'import ensurepip, venv' 2>/dev/null ||
    stop "PYTHON: $python has no venv module with pip. Try apt install python3-venv, or another PYTHON=."

started=$(date +%s)
printf 'install   .venv from constraints.txt (a minute or two the first time) ...'
# A .venv that does not run (moved, half made, its Python gone) is made anew.
.venv/bin/python -m pip --version >/dev/null 2>&1 || "$python" -m venv --clear .venv
mkdir -p .venv/var
log=.venv/var/install.log
packages='-c constraints.txt -e .[book,grid,operational,real,test]'
# uv does in half a minute what pip does in two, from the indexes that pip is told of. Of several it takes the highest
# version, as pip does, and so the CPU build of torch where an index has one. Where uv will not do, pip does.
with_uv() (
    .venv/bin/python -m pip install -qq -c constraints.txt uv || exit
    eval "$(.venv/bin/python -m pip config list | .venv/bin/python "$(dirname "$0")/uv_settings.py")"
    .venv/bin/python -m uv pip install -q --python .venv --index-strategy unsafe-best-match --compile-bytecode $packages
)
if ! with_uv >"$log" 2>&1 && ! .venv/bin/python -m pip install -qq $packages >>"$log" 2>&1; then
    printf ' failed\n'
    tail -n 20 "$log" >&2
    stop "" "The packages were not installed. Try again when the package index can be reached; the log is $log."
fi
# Matplotlib lists the fonts once and says so on the first page that draws; here nobody sees it.
.venv/bin/python -c 'import matplotlib.font_manager' >>"$log" 2>&1
printf ' %s s\n' $(($(date +%s) - started))
