"""`python -m sparseobs filters ...`: train a filter, tune its rivals."""

from dataclasses import fields
from pathlib import Path

import click


@click.group()
def filters() -> None:
    """Train filters and tune their rivals on any of the three systems."""


class RecipeCommand(click.Command):
    """A command with an option for every number of a filter's recipe and its training, read from their fields."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return the command's own parameters, then the recipe's; what is not given is the system's own."""
        from sparseobs.filtering.training import TrainingConfig
        from sparseobs_book.trained_filters.recipes import FilterRecipe

        numbers = [*fields(FilterRecipe)[:-1], *fields(TrainingConfig)]
        own = super().get_params(ctx)
        return [*own[:-1], *(_option(one.name, one.default) for one in numbers if one.name != "system"), own[-1]]


def _option(name: str, default: object) -> click.Option:
    flag = "--" + name.replace("_", "-")
    if isinstance(default, bool):
        return click.Option([f"{flag}/--no{flag[1:]}"], default=None)
    if isinstance(default, tuple):
        return click.Option([flag.removesuffix("s"), name], type=type(default[0]), multiple=True)
    return click.Option([flag, name], type=float if default is None else type(default))


@filters.command(cls=RecipeCommand)
@click.option("--system", default="lorenz96", show_default=True)
@click.option("--output", type=click.Path(path_type=Path), help="safetensors file to write")
@click.option("--device", default="cpu", show_default=True, help="cpu, cuda or cuda:0")
@click.option("--compiled", is_flag=True, help="compile the whole unroll into one graph: for a GPU, or long runs")
def train(system: str, output: Path | None, device: str, compiled: bool, **numbers: object) -> None:
    """Train an AmEnF from noisy observations alone; interrupt and repeat to resume.

    Numbers that are not given are those of the system's standard recipe.
    """
    from tqdm import tqdm

    from sparseobs_book.trained_filters import recipes as runs

    recipe = recipe_of(system, numbers)
    output = output or Path(f"{system}_noise_{recipe.obs_error_std:g}.safetensors")
    validation, watched = runs.Validation(recipe), {}
    with tqdm(total=recipe.training.n_iterations, unit="step") as bar:

        def report(trainer: runs.Trainer) -> None:
            bar.update(trainer.iteration - bar.n)
            if not watched or trainer.iteration % 1000 == 0:
                watched["validation_rmse"] = f"{validation.rmse(trainer.average):.3f}"
            recent = trainer.losses[-200:]
            bar.set_postfix(loss=f"{sum(recent) / len(recent):.3f}", **watched)

        runs.train_checkpoint(recipe, output, report, device=device, compiled=compiled)
    click.echo(f"Wrote {output}")


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


def recipe_of(system: str, numbers: dict) -> object:
    """Return the system's recipe with every number that is not None (or an empty list) put in its place."""
    from sparseobs.filtering.training import TrainingConfig
    from sparseobs_book.trained_filters.recipes import standard_recipe, with_training

    given = {name: value for name, value in numbers.items() if value is not None and value != ()}
    training = {one.name for one in fields(TrainingConfig)}
    recipe = standard_recipe(system, **{name: value for name, value in given.items() if name not in training})
    return with_training(recipe, **{name: value for name, value in given.items() if name in training})
