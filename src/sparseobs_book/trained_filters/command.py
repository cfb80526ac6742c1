"""`python -m sparseobs filters ...`: train a filter, tune its rivals."""

from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sparseobs.filtering.training_config import TrainingConfig
from sparseobs_book.trained_filters.recipes import (
    EXPERIMENTS,
    FilterRecipe,
    Recipe,
    SmootherRecipe,
    flag_of_one,
    smoother_recipe,
    standard_recipe,
    with_training,
)

if TYPE_CHECKING:
    from sparseobs.filtering.training import Trainer


@click.group()
def filters() -> None:
    """Train filters and tune their rivals on any of the three systems."""


def _option(name: str, default: object) -> click.Option:
    """Return the option of one number of a recipe or its training; what is not given is the system's own."""
    flag = "--" + name.replace("_", "-")
    if isinstance(default, bool):
        return click.Option([f"{flag}/--no{flag[1:]}"], default=None)
    if isinstance(default, tuple):
        each = type(default[0]) if default else int
        return click.Option([flag_of_one(flag), name], type=each, multiple=True)
    if default is None:
        return click.Option([flag, name], type=int if name == "steps_per_cycle" else float)
    return click.Option([flag, name], type=type(default))


def _numbers(kind: type) -> list[click.Option]:
    every = (*fields(kind), *fields(TrainingConfig))
    defaults = vars(kind()) | vars(kind().training)
    return [_option(one.name, defaults[one.name]) for one in every if one.name not in ("system", "training")]


WHERE = [
    click.option("--system", default="lorenz96", show_default=True),
    click.option("--output", type=click.Path(path_type=Path), help="safetensors file to write"),
    click.option("--device", default="cpu", show_default=True, help="cpu, cuda or cuda:0"),
    click.option("--compiled", is_flag=True, help="compile into one graph: for a GPU, or long runs"),
]


def _somewhere(command: Callable) -> Callable:
    for option in reversed(WHERE):
        command = option(command)
    return command


@filters.command(params=_numbers(FilterRecipe))
@_somewhere
def train(system: str, output: Path | None, device: str, compiled: bool, **numbers: object) -> None:
    """Train an AmEnF from noisy observations alone; interrupt and repeat to resume.

    Numbers that are not given are those of the system's standard recipe.
    """
    recipe = recipe_of(standard_recipe, system, numbers)
    _train(recipe, output or Path(f"{system}_noise_{recipe.obs_error_std:g}.safetensors"), device, compiled)


@filters.command(params=_numbers(SmootherRecipe))
@click.option(
    "--tuned", is_flag=True, help="start from the smoothers tuned for this case at each --size; 5, 10 and 20 by default"
)
@_somewhere
def train_smoother(
    system: str, output: Path | None, device: str, compiled: bool, tuned: bool, **numbers: object
) -> None:
    """Train an AmEnS from noisy observations alone; interrupt and repeat to resume.

    Numbers that are not given are those of the system's own recipe.
    """
    recipe = recipe_of(smoother_recipe, system, numbers)
    if tuned:
        from sparseobs_book.trained_filters.tuning import tuned_starts

        recipe = tuned_starts(recipe, numbers["sizes"] or (5, 10, 20))
    _train(recipe, output or Path(f"smoother_{system}_{recipe.obs_error_std:g}.safetensors"), device, compiled)


def _train(recipe: Recipe, output: Path, device: str, compiled: bool) -> None:
    from tqdm import tqdm

    from sparseobs_book.trained_filters.training import train_checkpoint, validation_rmse

    rmse, watched = validation_rmse(recipe), {}
    with tqdm(total=recipe.training.n_iterations, unit="step") as bar:

        def report(trainer: "Trainer") -> None:
            bar.update(trainer.iteration - bar.n)
            if not watched or trainer.iteration % 1000 == 0:
                watched["validation_rmse"] = f"{rmse(trainer.average):.3f}"
            recent = trainer.losses[-200:]
            bar.set_postfix(loss=f"{sum(recent) / len(recent):.3f}", **watched)

        train_checkpoint(recipe, output, report, device=device, compiled=compiled)
    click.echo(f"Wrote {output}")


def recipe_of(standard: Callable[..., Recipe], system: str, numbers: dict) -> Recipe:
    """Return the system's recipe with every number that is not None (or an empty list) put in its place."""
    given = {name: value for name, value in numbers.items() if value is not None and value != ()}
    training = {one.name for one in fields(TrainingConfig)} & set(given)
    recipe = standard(system, **{name: value for name, value in given.items() if name not in training})
    return with_training(recipe, **{name: given[name] for name in training})


@filters.command()
@click.option("--system", "systems", multiple=True, help="one of the three systems; repeat for more; all by default")
@click.option("--method", "methods", multiple=True, help="such as LETKF or iEnKS; repeat for more; all by default")
@click.option("--obs-error-std", "obs_error_stds", type=float, multiple=True, help="noise; 1 and 2.5 by default")
@click.option(
    "--ensemble-size", "ensemble_sizes", type=int, multiple=True, help="members; those of the size by default"
)
@click.option(
    "--experiment",
    "experiments",
    multiple=True,
    help=f"standard by default; of {', '.join(EXPERIMENTS)}; repeat for more",
)
@click.option("--size", default="lesson", show_default=True, help="smoke, lesson or paper")
@click.option("--name", default="filter_tuning", show_default=True, help="name of the table under results/")
@click.option("--again", is_flag=True, help="tune what the table has too: the grid of settings has changed")
def tune(size: str, name: str, again: bool, **wanted: tuple) -> None:
    """Tune classical filters on validation truths; interrupt and repeat to resume, nothing is tuned twice."""
    from sparseobs_book.trained_filters.tuning import cases, tune

    tune(cases(size, **{what: values for what, values in wanted.items() if values}), size, name, click.echo, again)
    click.echo(f"Wrote results/{name}.csv")


@filters.command()
@click.option("--size", default="lesson", show_default=True, help="smoke, lesson or paper")
@click.option(
    "--experiment",
    "experiments",
    multiple=True,
    default=("standard",),
    show_default=True,
    help=f"of {', '.join(EXPERIMENTS)}; repeat for more",
)
@click.option("--name", default="finding", show_default=True, help="name of the table under results/")
def find(size: str, experiments: tuple[str, ...], name: str) -> None:
    """Start filters a hundred times from the climate, exchange the truth half way, and say when they find it."""
    from sparseobs_book.trained_filters.finding import store

    store(size, experiments, name, click.echo)
    click.echo(f"Wrote results/{name}.csv")
