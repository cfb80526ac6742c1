"""`python -m sparseobs theory ...`: what the page on theory reads from the store."""

import click


@click.group()
def theory() -> None:
    """Measure what the theory of learning from noise says."""


@theory.command("terms")
@click.option("--preset", default="lesson", show_default=True, help="smoke, lesson or paper")
@click.option("--name", default="theory", show_default=True, help="name of the table under results/")
def terms(preset: str, name: str) -> None:
    """Measure the parts of the losses of the stored Lorenz-96 filters several times over and store the table."""
    from sparseobs.runs.settings import resolve
    from sparseobs_book.why_it_works.store import PRESETS, store

    command = f"python -m sparseobs theory terms --preset {preset}"
    command += f" --name {name}" if name != "theory" else ""
    store(resolve(PRESETS, preset), command, name, click.echo)
    click.echo(f"Wrote results/{name}.csv")
