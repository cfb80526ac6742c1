"""Ten days of stations with decades of hours: days first, as the package reads them, against reading everything.

    python benchmarks/station_files.py           # --keep also writes results/station_files.csv

Two kinds of files of the same hours: DWD's zips, and a table of the user's own in ISO 8601. Each reading is a process
of its own, in turns; what counts are its processor time and its peak of memory above what it needed for five years of
one station. Reading everything means the whole record, of which the days are then taken. All stations have
one station's hours, and DWD's are one zip under several names: a reader cannot tell. `--days-only` leaves out the whole
record, which of 500 stations no small machine holds.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import click
import numpy as np
import pandas as pd
from storing import store

DAYS = ("2020-06-01", "2020-06-10")
LAST = "2024-12-31 23:00"
FILES, ROWS = ("DWD's zips", "a table in CSV"), ("days first", "everything")
PLACE = {"name": "A", "latitude": 50.0, "longitude": 10.0, "height": 100.0}


def write_files(folder: Path, n_stations: int, n_years: int, kinds: tuple[str, ...]) -> None:
    """Write the kinds of files that are wanted, and DWD's, which say how many stations there are."""
    from sparseobs.stations.dwd_write import write_zip

    hours = pd.date_range(end=LAST, periods=round(n_years * 365.25) * 24, freq="h")
    (folder / "dwd").mkdir(parents=True)
    values = pd.Series(np.round(9 + 8 * np.random.default_rng(0).standard_normal(hours.size), 1), hours)
    names = [folder / "dwd" / f"stundenwerte_TU_{number:05d}_hist.zip" for number in range(1, n_stations + 1)]
    write_zip(names[0], 1, values, pd.DataFrame([PLACE]).assign(start=hours[0], stop=pd.NaT), quality=10)
    for name in names[1:]:
        name.hardlink_to(names[0])
    if FILES[1] not in kinds:
        return
    lines = [f"{time:%Y-%m-%dT%H}:00Z,{value}\n" for time, value in values.items()]
    with (folder / "readings.csv").open("w") as table:
        table.write("station,time,temperature\n")
        for number in range(n_stations):
            station = f"S{number},"
            table.write(station + station.join(lines))


def read_files(folder: Path, files: str, rows: str) -> int:
    """Read a kind of file one way and return how many readings of the days it has."""
    from sparseobs.stations.dwd_network import read_dwd
    from sparseobs.stations.local import read_readings
    from sparseobs.stations.local_layout import Layout
    from sparseobs.stations.period import period

    days = period(*DAYS)
    wanted = days if rows == ROWS[0] else None
    if files == FILES[0]:
        stations = read_dwd(folder / "dwd", period=wanted)
        return int(stations["temperature"].sel(time=days.hours).count())
    places = pd.DataFrame({"station": [f"S{number}" for number in range(len(list((folder / "dwd").iterdir())))]})
    table = read_readings(folder / "readings.csv", Layout(), places, folder / "stations.csv", wanted)
    return int(days.contains(table["time"]).sum())


def measure(folder: Path, files: str, rows: str) -> dict:
    """Return what one reading costs this process: `seconds` of the processor, `peak` of memory (MB), `readings`."""
    from memory import peak_resident_mb

    from sparseobs.stations import dwd_network, local  # noqa: F401

    read_files(folder / "small", files, rows)  # loads what is loaded when it is first needed
    idle, begin = peak_resident_mb(), os.times()
    readings = read_files(folder, files, rows)
    end = os.times()
    seconds = end.user + end.system - begin.user - begin.system
    return {"seconds": seconds, "idle": idle, "peak": peak_resident_mb(), "readings": readings}


def in_a_process(folder: Path, files: str, rows: str) -> dict:
    """Return `measure` of a process of its own."""
    command = [sys.executable, __file__, "--alone", str(folder), files, rows]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


@click.command()
@click.option("--stations", default=5, show_default=True)
@click.option("--years", default=75, show_default=True, help="of hours, each station's")
@click.option("--rounds", default=3, show_default=True)
@click.option("--files", "kinds", type=click.Choice(FILES), multiple=True, default=FILES, help="default both")
@click.option("--days-only", is_flag=True, help="without reading everything")
@click.option("--keep", is_flag=True, help="also write results/station_files.csv")
@click.option("--alone", nargs=3, hidden=True, help="one process's part")
def main(
    stations: int,
    years: int,
    rounds: int,
    kinds: tuple[str, ...],
    days_only: bool,
    keep: bool,
    alone: tuple[str, str, str] | None,
) -> None:
    """Print processor time and memory of both ways, and their ratios."""
    if alone:
        print(json.dumps(measure(Path(alone[0]), *alone[1:])))
        return
    begin = time.perf_counter()
    found = []
    with tempfile.TemporaryDirectory() as folder:
        write_files(Path(folder), stations, years, kinds)
        write_files(Path(folder) / "small", 1, 5, kinds)
        for turn in range(rounds):
            for files in kinds:
                for rows in ROWS[:1] if days_only else ROWS[:: -1 if turn % 2 else 1]:
                    found.append({"files": files, "rows": rows, **in_a_process(Path(folder), files, rows)})
    table = pd.DataFrame(found).groupby(["files", "rows"], sort=False).median().reset_index()
    table = table.astype({"readings": int})
    print(f"{DAYS[0]} to {DAYS[1]} of {stations} stations with {years} years of hours")
    print(table.round(1).to_string(index=False))
    for files, rows in table.groupby("files", sort=False):
        if not days_only:
            first, everything = (rows.set_index("rows").loc[name] for name in ROWS)
            if first["readings"] != everything["readings"]:
                raise click.ClickException(f"{files}: {first['readings']} readings, not {everything['readings']}")
            memory = (everything["peak"] - everything["idle"]) / (first["peak"] - first["idle"])
            faster = everything["seconds"] / first["seconds"]
            print(f"{files}: days first takes 1/{faster:.1f} of the time and 1/{memory:.1f} of the memory")
    if keep:
        parameters = {"stations": stations, "years": years, "rounds": rounds, "days": DAYS}
        store("station_files", table, parameters, time.perf_counter() - begin)


if __name__ == "__main__":
    main()
