"""`python -m sparseobs data ...`: real data, fetched from their public homes or checked where they lie."""

from functools import partial

import click
from tqdm import tqdm


@click.group()
def data() -> None:
    """Real data: fetch them from their public homes, or check what is there."""


@data.command()
@click.argument("source")
@click.option("--mirror", help="address of a mirror laid out like the data folder; default SPARSEOBS_DATA_URL")
@click.option("--start", help="germany: first day, year-month-day")
@click.option("--end", help="germany: last day")
@click.option(
    "--station", "stations", type=int, multiple=True, help="germany: DWD's number; again for more; default all"
)
@click.option("--part", "parts", multiple=True, help="germany: dwd, elevation or era5; again for more; default all")
@click.option("--era5-store", help="germany: address of another Zarr store laid out like ARCO-ERA5")
def fetch(source: str, mirror: str | None, start: str | None, end: str | None, **options: object) -> None:
    """Download what SOURCE lacks, each file verified; an interrupted download goes on where it stopped."""
    from sparseobs.errors import InputError
    from sparseobs.stations.downloads import fetch

    if source != "germany":
        if start or end or any(options.values()):
            raise InputError("options", source, "--mirror only; its files are pinned", "data fetch germany")
        if source == "synop":
            from sparseobs.stations.synop import fetch_synop

            click.echo(f"synop: {len(fetch_synop(mirror))} files")
            return
        for name, path in fetch(source, base_url=mirror).items():
            click.echo(f"{name}: {path}")
        return
    fetch_germany(mirror, start, end, **options)


def fetch_germany(mirror, start, end, stations, parts, era5_store) -> None:
    """Fetch what `germany` lacks of a period, and say in a line a part what is there."""
    from sparseobs.stations import germany
    from sparseobs.stations.period import period

    fetched = germany.fetch_germany(
        period(start, end),
        stations=stations or None,
        base_url=mirror,
        era5_store_address=era5_store,
        parts=parts or germany.PARTS,
        progress=partial(tqdm, disable=None),
    )
    without = fetched.pop("without files", [])
    for part, paths in fetched.items():
        click.echo(f"germany/{part}: {len(paths)} files")
    if without:
        click.echo("in the station list, but without a file: " + ", ".join(f"{number:05d}" for number in without))


@data.command()
@click.argument("source")
def check(source: str) -> None:
    """Say of every file of SOURCE whether it is ready, and of local what its stations have; status 1 if one is not."""
    from sparseobs.stations import downloads, germany, local_check, synop
    from sparseobs.stations.local_schema import describe_schema

    lines = []
    if source == "local":
        click.echo(describe_schema())
        states, lines = local_check.examine_local()
    else:
        examined = {"germany": germany.check_germany, "synop": synop.check_synop}
        states = examined.get(source, partial(downloads.check, source))()
    for line in lines:
        click.echo(line)
    for name, state in states.items():
        click.echo(f"{name}: {state}")
    if any(not state.startswith("ready") for state in states.values()):
        raise SystemExit(1)
