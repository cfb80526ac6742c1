"""`python -m sparseobs lorenz96 ...`: train a filter, tune its rival, compare them."""

from pathlib import Path

import click


@click.group()
def lorenz96() -> None:
    """Train and judge filters on Lorenz-96."""


@lorenz96.command()
@click.option("--output", type=click.Path(path_type=Path), required=True, help="safetensors file to write")
@click.option("--seed", default=0, show_default=True)
@click.option("--obs-error-std", default=1.0, show_default=True, help="observation noise")
@click.option("--filters", default=48, show_default=True, help="channels of the network")
@click.option("--ensemble-size", default=5, show_default=True, help="members in training")
@click.option("--last-unroll", default=10, show_default=True, help="cycles that gradients flow through at the end")
@click.option(
    "--round",
    "rounds",
    type=int,
    multiple=True,
    default=(14_000, 4_000),
    show_default=True,
    help="optimiser steps of a round of the learning rate; repeat it for more rounds",
)
def train(output: Path, obs_error_std: float, filters: int, **training_options: object) -> None:
    """Train an AmEnF from noisy observations alone; interrupt and repeat to resume."""
    from tqdm import tqdm

    from sparseobs.filtering.training import Trainer, TrainingConfig
    from sparseobs.runs.lorenz96 import FilterRecipe, train_checkpoint

    training = TrainingConfig(**training_options)
    recipe = FilterRecipe(filters=filters, obs_error_std=obs_error_std, training=training)
    with tqdm(total=training.n_iterations, unit="step") as bar:

        def report(trainer: Trainer) -> None:
            bar.update(trainer.iteration - bar.n)
            recent = trainer.losses[-200:]
            bar.set_postfix(loss=f"{sum(recent) / len(recent):.3f}")

        train_checkpoint(recipe, output, report)
    click.echo(f"Wrote {output}")


@lorenz96.command()
@click.option("--preset", default="paper", show_default=True, help="smoke, lesson or paper")
@click.option("--noise-seeds", type=int, help="repeats over the observation noise")
@click.option("--cycles", type=int, help="assimilation cycles scored")
@click.option("--name", default="lorenz96", show_default=True, help="name of the table under results/")
def evaluate(preset: str, noise_seeds: int | None, cycles: int | None, name: str) -> None:
    """Compare the stored AmEnF with LETKF over noise seeds and store the table; interrupt and repeat to resume."""
    from sparseobs.runs.lorenz96_comparison import PRESETS
    from sparseobs.runs.lorenz96_repeats import repeat
    from sparseobs.runs.results import write_result
    from sparseobs.runs.settings import resolve

    settings = resolve(PRESETS, preset, n_noise_seeds=noise_seeds, n_cycles=cycles)
    command = f"python -m sparseobs lorenz96 evaluate --preset {preset}"
    command += f" --noise-seeds {noise_seeds}" if noise_seeds is not None else ""
    command += f" --cycles {cycles}" if cycles is not None else ""
    command += f" --name {name}" if name != "lorenz96" else ""
    result = repeat(settings, command, lambda row: click.echo(row))
    click.echo(f"Wrote {write_result(name, *result)}")


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
