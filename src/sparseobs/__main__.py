"""Entry point of `python -m sparseobs`."""

import os
import sys

from sparseobs.cli import main

if sys.getfilesystemencoding() != "utf-8" and os.name == "posix":
    # A C locale whose UTF-8 mode somebody turned off: a folder's umlaut would end a run of days where it is told.
    os.environ["PYTHONUTF8"] = "1"
    os.execv(sys.executable, [sys.executable, "-m", "sparseobs", *sys.argv[1:]])

main(prog_name="python -m sparseobs")
