"""`python -m sparseobs`: train, evaluate, fetch; the commands that the pages name."""

from functools import cache
from importlib.metadata import EntryPoint, entry_points

import click

from sparseobs.errors import InputError

GROUP = "sparseobs.commands"  # of entry points; `temperature.failures` is the command `failures` of `temperature`


class Commands(click.Group):
    """Commands that an installed package offers, each imported when it is called; bad input has no traceback."""

    def list_commands(self, context: click.Context) -> list[str]:
        """Return the names of the commands, in order."""
        return sorted(name for name in offered() if "." not in name)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """Return a command with what others add to it, or None if there is none of that name."""
        points = offered()
        if name not in points:
            return None
        command = points[name].load()
        for other in (other for other in points if other.startswith(f"{name}.")):
            command.add_command(points[other].load())
        return command

    def invoke(self, context: click.Context) -> object:
        """Run the command; an `InputError` becomes a one-line message and exit status 2."""
        try:
            return super().invoke(context)
        except InputError as error:
            raise click.UsageError(str(error)) from error


@cache
def offered() -> dict[str, EntryPoint]:
    """Return the entry points of commands by name."""
    return {point.name: point for point in entry_points(group=GROUP)}


@click.group(cls=Commands)
def main() -> None:
    """Learning from Sparse Observations: the commands behind the book."""
