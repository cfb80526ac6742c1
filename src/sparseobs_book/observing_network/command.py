"""`python -m sparseobs network ...`: score what a room has designed."""

from pathlib import Path

import click


@click.group()
def network() -> None:
    """Score observing networks of ten instruments on truths that nobody knows."""


@network.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--seed", default=0, show_default=True, help="decides the hidden truths; tell it when all have submitted")
@click.option("--size", default="lesson", show_default=True, help="smoke, lesson or paper")
@click.option("--csv", type=click.Path(path_type=Path), help="also write the table to this file")
def leaderboard(folder: Path, seed: int, size: str, csv: Path | None) -> None:
    """Score every submission (*.json) in FOLDER and print them, the smallest CRPS first."""
    from sparseobs.errors import InputError
    from sparseobs.runs.settings import resolve
    from sparseobs_book.observing_network import contest
    from sparseobs_book.observing_network.run import PRESETS

    hidden = resolve(PRESETS, size).hidden(seed)
    if csv and not csv.parent.is_dir():
        raise InputError("csv", str(csv), "a file in a folder that exists", f"--csv {csv.name}")
    board = contest.leaderboard(folder, hidden)
    click.echo(contest.said(board, hidden))
    if csv:
        board.table.to_csv(csv, index=False, float_format="%.6g", lineterminator="\n")
        click.echo(f"Wrote {csv}")
