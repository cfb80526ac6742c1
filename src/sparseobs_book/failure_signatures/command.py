"""`python -m sparseobs temperature failures`: the table that the page on failure signatures reads."""

import click


@click.command("failures")
@click.option("--size", default="lesson", show_default=True, help="smoke, lesson or paper")
def failures(size: str) -> None:
    """Measure errors and spread near stations on the twin, whose truth is known, and store the table."""
    from sparseobs.runs.settings import resolve
    from sparseobs_book.failure_signatures.run import RESULT, STUDIES, store

    store(resolve(STUDIES, size), f"python -m sparseobs temperature failures --size {size}", click.echo)
    click.echo(f"Wrote results/{RESULT}.csv")
