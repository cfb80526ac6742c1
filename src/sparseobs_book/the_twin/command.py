"""`python -m sparseobs twin ...`: the synthetic Germany at full size."""

from pathlib import Path

import click
import platformdirs

FOLDER = click.option(
    "--folder",
    type=click.Path(path_type=Path),
    default=lambda: platformdirs.user_cache_path("sparseobs") / "twin",
    help="where the twin is kept; default the user's cache",
)

PRESET = click.option("--preset", default="lesson", show_default=True, help="smoke, lesson or paper")
OUTPUT = click.option("--output", type=click.Path(path_type=Path), help="folder of checkpoints; default the package's")


@click.group()
def twin() -> None:
    """Set the synthetic twin of Germany beside reality, and keep the networks that its pages show."""


@twin.command()
@FOLDER
def compare(folder: Path) -> None:
    """Measure what the twin and real data (folder SPARSEOBS_DATA) have in common, into results/twin.csv."""
    from sparseobs_book.temperature.station_adaptation import full_twin
    from sparseobs_book.the_twin.reality import NAME, store

    store(full_twin("lesson", 0, folder))
    click.echo(f"Wrote results/{NAME}.csv")


@twin.command()
def nights() -> None:
    """Measure real nights and days (folder SPARSEOBS_DATA), which the twin's are held against, into the package."""
    from sparseobs.stations.downloads import data_folder
    from sparseobs_book.the_twin.networks import FACTS, store_facts

    store_facts(data_folder()[0])
    click.echo(f"Wrote {FACTS}")


@twin.command()
@FOLDER
def sample(folder: Path) -> None:
    """Make the few hours of the twin at full size that come with the package."""
    from sparseobs.stations.twin_sample import FILE, save_sample
    from sparseobs_book.temperature.station_adaptation import full_twin

    save_sample(full_twin("lesson", 0, folder))
    click.echo(f"Wrote {FILE}")


@twin.command()
@FOLDER
@PRESET
@click.option("--seed", default=0, show_default=True, help="of weights and tasks")
@OUTPUT
@click.option("--start", type=click.Choice(["none", "kriging"]), default="none", show_default=True)
def pretrain(folder: Path, preset: str, seed: int, output: Path | None, start: str) -> None:
    """Pre-train once, at the settings of the grid `adaptation`, into a checkpoint that is named by its weights.

    With --start kriging the network corrects kriging, as in the grid `adaptation_from_kriging`; the file, of another
    name, then also holds the kriging that the reanalysis has taught.
    """
    from sparseobs_book.temperature.adapted_networks import keep_from_kriging, keep_pretraining

    keep = keep_from_kriging if start == "kriging" else keep_pretraining
    click.echo(f"Wrote {keep(preset, seed, folder, output)}")


@twin.command()
@FOLDER
@PRESET
@OUTPUT
@click.option("--weights", help="hash in the name of the pre-training, in the same folder; default of seed 0")
def adapt(folder: Path, preset: str, output: Path | None, weights: str | None) -> None:
    """Adapt a kept pre-training once, at the settings of the grid `adaptation`, and keep what pages show."""
    from sparseobs_book.temperature.adapted_networks import keep_models
    from sparseobs_book.temperature.stored import PRETRAININGS

    for path in keep_models(preset, folder, output, weights or PRETRAININGS[0]):
        click.echo(f"Wrote {path}")


@twin.command()
@FOLDER
@click.option("--size", default="lesson", show_default=True, help="smoke or lesson")
def headroom(folder: Path, size: str) -> None:
    """Measure what adapting can win at most, without any network, into results/headroom.csv."""
    from sparseobs_book.temperature.headroom import NAME, store
    from sparseobs_book.temperature.station_adaptation import full_twin

    store(full_twin(size, 0, folder), size, click.echo)
    click.echo(f"Wrote results/{NAME}.csv")


@twin.command()
def wind() -> None:
    """Set the twin's wind beside Met Eireann's of March 2017 (folder SPARSEOBS_DATA), into results/twin_wind.csv."""
    from sparseobs_book.the_twin.wind import store

    click.echo(f"Wrote {store()}")
