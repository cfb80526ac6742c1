"""`python -m sparseobs chaos ...`: what the page on chaos reads from the store."""

import click


@click.group()
def chaos() -> None:
    """Measure how chaotic the three systems are."""


@chaos.command("lyapunov")
@click.option("--preset", default="lesson", show_default=True, help="smoke, lesson or paper")
@click.option("--name", default="lyapunov", show_default=True, help="name of the table under results/")
def lyapunov(preset: str, name: str) -> None:
    """Measure the Lyapunov spectrum of every system several times over and store the table."""
    from sparseobs.runs.settings import resolve
    from sparseobs_book.chaos.lyapunov import PRESETS, store

    command = f"python -m sparseobs chaos lyapunov --preset {preset}"
    command += f" --name {name}" if name != "lyapunov" else ""
    store(resolve(PRESETS, preset), command, name, click.echo)
    click.echo(f"Wrote results/{name}.csv")
