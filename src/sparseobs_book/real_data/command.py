"""`python -m sparseobs real-data ...`: the stored tables of the page on real data that no grid makes."""

import click


@click.group("real-data")
def real_data() -> None:
    """Real measurements (fetched, or in the folder SPARSEOBS_DATA): what the page on them reads from the store."""


@real_data.command("snapshot")
def snapshot() -> None:
    """Leave out stations of one real hour of Germany, by every interpolation, and store the scores."""
    from sparseobs_book.real_data.snapshot import store_snapshot

    click.echo(store_snapshot().round(3).to_string(index=False))


@real_data.command("networks")
@click.option("--preset", default="study", show_default=True, help="smoke, lesson or study")
@click.option("--splits", default=5, show_default=True, help="choices of the stations held out")
def networks(preset: str, splits: int) -> None:
    """Train on some splits of the Irish stations, judge there and at MIDAS stations, and store three tables."""
    from sparseobs_book.real_data.run import store_networks

    store_networks(preset, splits, click.echo)
