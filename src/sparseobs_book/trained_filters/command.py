"""`python -m sparseobs filters ...`: train a filter, tune its rivals."""

from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sparseobs.filtering.training_config import TrainingConfig
from sparseobs_book.trained_filters.recipes import FilterRecipe, standard_recipe, with_training

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
        return click.Option([flag.removesuffix("s"), name], type=type(default[0]), multiple=True)
    return click.Option([flag, name], type=float if default is None else type(default))


NUMBERS = [one for one in (*fields(FilterRecipe), *fields(TrainingConfig)) if one.name not in ("system", "training")]


@filters.command(params=[_option(one.name, one.default) for one in NUMBERS])
@click.option("--system", default="lorenz96", show_default=True)
@click.option("--output", type=click.Path(path_type=Path), help="safetensors file to write")
@click.option("--device", default="cpu", show_default=True, help="cpu, cuda or cuda:0")
@click.option("--compiled", is_flag=True, help="compile the whole unroll into one graph: for a GPU, or long runs")
def train(system: str, output: Path | None, device: str, compiled: bool, **numbers: object) -> None:
    """Train an AmEnF from noisy observations alone; interrupt and repeat to resume.

    Numbers that are not given are those of the system's standard recipe.
    """
    recipe = recipe_of(system, numbers)
    from tqdm import tqdm

    from sparseobs_book.trained_filters.training import train_checkpoint, validation_rmse

    output = output or Path(f"{system}_noise_{recipe.obs_error_std:g}.safetensors")
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


def recipe_of(system: str, numbers: dict) -> FilterRecipe:
    """Return the system's recipe with every number that is not None (or an empty list) put in its place."""
    given = {name: value for name, value in numbers.items() if value is not None and value != ()}
    training = {one.name for one in fields(TrainingConfig)} & set(given)
    recipe = standard_recipe(system, **{name: value for name, value in given.items() if name not in training})
    return with_training(recipe, **{name: given[name] for name in training})


@filters.command()
@click.option("--system", "systems", multiple=True, help="one of the three systems; repeat for more; all by default")
@click.option("--method", "methods", multiple=True, help="such as LETKF or iEnKS; repeat for more; all by default")
@click.option("--obs-error-std", "obs_error_stds", type=float, multiple=True, help="noise; 1 and 2.5 by default")
@click.option(
    "--ensemble-size", "ensemble_sizes", type=int, multiple=True, help="members; those of the size by default"
)
@click.option("--size", default="lesson", show_default=True, help="smoke, lesson or paper")
@click.option("--name", default="filter_tuning", show_default=True, help="name of the table under results/")
def tune(size: str, name: str, **wanted: tuple) -> None:
    """Tune classical filters on validation truths; interrupt and repeat to resume, nothing is tuned twice."""
    from sparseobs_book.trained_filters.tuning import cases, tune

    tune(cases(size, **{what: values for what, values in wanted.items() if values}), size, name, click.echo)
    click.echo(f"Wrote results/{name}.csv")
