"""`python -m sparseobs twin gate`: the exam of the pre-trainings that the book starts from."""

from pathlib import Path

import click
import platformdirs


@click.command("gate")
@click.option(
    "--folder",
    type=click.Path(path_type=Path),
    default=lambda: platformdirs.user_cache_path("sparseobs") / "twin",
    help="where the twin is kept; default the user's cache",
)
@click.option("--hashes", help="of committed pre-trainings, seeds 0, 1, ..., with spaces between; default all")
def gate(folder: Path, hashes: str | None) -> None:
    """Examine the committed pre-trainings beside kriging on hours they never saw, into results/pretraining_gate.csv."""
    from sparseobs_book.pretraining.gate import store
    from sparseobs_book.temperature.stored import PRETRAININGS

    click.echo(f"Wrote {store(folder, tuple(hashes.split()) if hashes else PRETRAININGS)}")
