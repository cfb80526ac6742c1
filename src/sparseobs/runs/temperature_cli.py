"""`python -m sparseobs temperature ...`: one experiment, or the same over seeds into `results/`."""

import dataclasses
from pathlib import Path

import click

OPTIONS = [
    click.option("--source", default="twin", show_default=True, help="twin or uk_ireland"),
    click.option("--preset", default="lesson", show_default=True, help="smoke, lesson, study or paper"),
    click.option("--n-held-out", type=int, help="stations that are only judged on"),
    click.option("--obs-error-std", type=float, help="K, thermometer noise; default the source's own"),
]


def with_options(command: click.decorators.FC) -> click.decorators.FC:
    """Add the options that both commands share."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


@click.group()
def temperature() -> None:
    """Temperature from stations: pre-train on a reanalysis, adapt to stations, judge on others."""


@temperature.command("run")
@with_options
@click.option("--seed", default=0, show_default=True)
def run_command(source: str, preset: str, **overrides: object) -> None:
    """Run every method on one split of the stations and print the scores."""
    from sparseobs.runs.settings import describe, resolve
    from sparseobs.runs.temperature import run
    from sparseobs.runs.temperature_presets import presets

    settings = resolve(presets(source), preset, **overrides)
    click.echo(describe(settings))
    click.echo(run(settings).round(3).to_string(index=False))


@temperature.command("repeat")
@with_options
@click.option("--seeds", type=click.IntRange(2), default=5, show_default=True, help="splits, each with its training")
@click.option("--name", help="of the result; default the source's name")
def repeat_command(source: str, preset: str, seeds: int, name: str | None, **overrides: object) -> None:
    """Repeat over seeds, store the table and its record in results/; run it again to resume."""
    from sparseobs.runs.results import run_record, write_result
    from sparseobs.runs.settings import resolve
    from sparseobs.runs.temperature import INTERPOLATION, repeat, seconds_in_all
    from sparseobs.runs.temperature_presets import presets
    from sparseobs.runs.temperature_summary import difference_to, summary
    from sparseobs.stations.sources import load

    settings = resolve(presets(source), preset, **overrides)
    data = load(source, seed=settings.data_seed, obs_error_std=settings.obs_error_std)
    table = repeat(settings, seeds, data=data)
    changed = [f"--{option.replace('_', '-')} {value}" for option, value in overrides.items() if value is not None]
    words = [f"python -m sparseobs temperature repeat --source {source} --preset {preset} --seeds {seeds}", *changed]
    parameters = {**dataclasses.asdict(settings), "preset": preset, "seed": list(range(seeds))}
    record = run_record(" ".join(words), parameters, seconds_in_all(table), data.inputs)
    path = write_result(name or source, table, record)
    click.echo(summary(table).to_string())
    click.echo(difference_to(table, INTERPOLATION).to_string())
    click.echo(f"wrote {path}")


@temperature.command("pretrain")
@with_options
@click.option("--seed", default=0, show_default=True)
@click.option("--output", type=click.Path(path_type=Path), required=True, help="safetensors file to write")
def pretrain_command(source: str, preset: str, output: Path, **overrides: object) -> None:
    """Pre-train on the reanalysis alone and store the model."""
    from sparseobs.runs.settings import resolve
    from sparseobs.runs.temperature_experiment import prepare, pretrain
    from sparseobs.runs.temperature_presets import presets
    from sparseobs.runs.temperature_stored import save_pretrained

    experiment = prepare(resolve(presets(source), preset, **overrides))
    save_pretrained(output, *pretrain(experiment))
    click.echo(f"wrote {output}")
