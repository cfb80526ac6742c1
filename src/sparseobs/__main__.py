"""Entry point of `python -m sparseobs`."""

from sparseobs.cli import main

main(prog_name="python -m sparseobs")
