"""`python -m sparseobs temperature ...`: one experiment, or a pre-training to keep."""

import time
from pathlib import Path

import click

SOURCE = click.option("--source", default="twin", show_default=True, help="twin, uk_ireland, germany or local")
PRESET = click.option("--preset", default="lesson", show_default=True, help="smoke, lesson, study or paper")
SEED = click.option("--seed", default=0, show_default=True, help="of weights and tasks")


class Clock:
    """Says on standard error what begins, and how many seconds after the start."""

    def __init__(self):
        self.started = time.monotonic()

    def __call__(self, what: str) -> None:
        """Say it."""
        click.echo(f"[{time.monotonic() - self.started:5.0f} s] {what}", err=True)


@click.group()
def temperature() -> None:
    """Temperature from stations: pre-train on a reanalysis, adapt to stations, judge on others."""


@temperature.command("run")
@SOURCE
@PRESET
@click.option("--n-held-out", type=int, help="stations that are only judged on")
@click.option("--n-validation", type=int, help="stations that weights are chosen on")
@click.option("--obs-error-std", type=float, help="K, thermometer noise; default the source's own")
@SEED
@click.option("--split-seed", type=int, help="of the stations held out; default the seed")
def run_command(source: str, preset: str, seed: int, split_seed: int | None, **overrides: object) -> None:
    """Run every method on one split of the stations and print the scores.

    A preset says how long networks train, as on the page. Kriging is tuned in full at every preset: minutes with the
    twin's 232 stations, less with a few dozen. Each step is told on standard error when it begins.
    """
    from sparseobs.runs.settings import describe, resolve
    from sparseobs.stations.places import describe_split
    from sparseobs_book.temperature.experiment import prepare, pretrain
    from sparseobs_book.temperature.presets import presets
    from sparseobs_book.temperature.run import run
    from sparseobs_book.temperature.stored import longer_pretraining

    split_seed = seed if split_seed is None else split_seed
    settings = resolve(presets(source), preset, seed=seed, split_seed=split_seed, **overrides)
    click.echo(describe(settings))
    say = Clock()
    say(f"loading {source}")
    experiment = prepare(settings)
    click.echo(f"{experiment.data.notes}\n{describe_split(experiment.data.stations, experiment.stations)}")
    if settings.stored_pretraining is None:
        say(f"pre-training, at most {settings.pretraining.max_epochs} epochs")
    here = None if settings.stored_pretraining else pretrain(experiment)
    table = run(experiment, longer_pretraining(experiment, here), say)
    say("done")
    click.echo(table.round(3).to_string(index=False))


@temperature.command("pretrain")
@SOURCE
@PRESET
@SEED
@click.option("--output", type=click.Path(path_type=Path), required=True, help="safetensors file to write")
def pretrain_command(source: str, preset: str, seed: int, output: Path) -> None:
    """Pre-train on the reanalysis alone and store the model."""
    from sparseobs.runs.settings import resolve
    from sparseobs_book.temperature.experiment import prepare, pretrain
    from sparseobs_book.temperature.presets import presets
    from sparseobs_book.temperature.stored import save_pretrained

    experiment = prepare(resolve(presets(source), preset, seed=seed))
    save_pretrained(output, *pretrain(experiment))
    click.echo(f"wrote {output}")
