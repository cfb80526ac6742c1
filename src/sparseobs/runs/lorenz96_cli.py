"""`python -m sparseobs lorenz96 ...`: tune the filter's rival."""

import click


@click.group()
def lorenz96() -> None:
    """Tune LETKF on Lorenz-96 alone."""


@lorenz96.command("tune")
@click.option("--preset", default="lesson", show_default=True, help="smoke, lesson or paper")
@click.option("--name", default="lorenz96_tuning", show_default=True, help="name of the table under results/")
def tune_letkf(preset: str, name: str) -> None:
    """Tune LETKF for every noise and ensemble size on validation trajectories; interrupt and repeat to resume."""
    from sparseobs.runs.lorenz96_tuning import PRESETS, tune
    from sparseobs.runs.settings import resolve

    command = f"python -m sparseobs lorenz96 tune --preset {preset}"
    command += f" --name {name}" if name != "lorenz96_tuning" else ""
    tune(resolve(PRESETS, preset), command, name, click.echo)
    click.echo(f"Wrote results/{name}.csv")
