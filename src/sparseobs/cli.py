"""`python -m sparseobs`: train, evaluate, fetch; the commands that the pages name."""

import click

from sparseobs.errors import InputError
from sparseobs.grid.cli import grid
from sparseobs.runs.chaos_cli import chaos
from sparseobs.runs.data_cli import data
from sparseobs.runs.filters_cli import filters
from sparseobs.runs.gp_laboratory_cli import laboratory
from sparseobs.runs.real_data_cli import real_data
from sparseobs.runs.temperature_cli import temperature
from sparseobs.runs.theory_cli import theory
from sparseobs.runs.twin_page_cli import twin
from sparseobs.runs.unknown_instrument_cli import unknown_instrument


class Commands(click.Group):
    """A group of commands that reports bad input without a traceback."""

    def invoke(self, context: click.Context) -> object:
        """Run the command; an `InputError` becomes a one-line message and exit status 2."""
        try:
            return super().invoke(context)
        except InputError as error:
            raise click.UsageError(str(error)) from error


@click.group(cls=Commands)
def main() -> None:
    """Learning from Sparse Observations: the commands behind the book."""


main.add_command(chaos)
main.add_command(data)
main.add_command(grid)
main.add_command(filters)
main.add_command(laboratory)
main.add_command(real_data)
main.add_command(temperature)
main.add_command(theory)
main.add_command(twin)
main.add_command(unknown_instrument)
