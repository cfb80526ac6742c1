"""`python -m sparseobs lorenz96 ...`: tune the filter's rival, compare them."""

import click


@click.group()
def lorenz96() -> None:
    """Judge filters on Lorenz-96."""


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
