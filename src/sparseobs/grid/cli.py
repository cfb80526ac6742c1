"""`python -m sparseobs grid ...`: run a grid of cells, look at it, collect its table, prove a number."""

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sparseobs.errors import InputError
from sparseobs.grid.address_checker import leave_out_address_checker

if TYPE_CHECKING:
    from sparseobs.grid.model import Grid

FILE = click.argument("file", type=click.Path(path_type=Path))
SIZE = click.option("--size", default="lesson", show_default=True, help="smoke, lesson, study or paper")
FOLDER = click.option("--folder", type=click.Path(path_type=Path), help="of the cells; default grids/cells/NAME")
CLUSTER = [
    click.option("--workers", type=int, help="cells at a time; default what this machine holds"),
    click.option("--workers-per-gpu", type=int, default=1, show_default=True, help="cells that share a GPU"),
    click.option("--scheduler", help="address of a dask scheduler that is running, tcp://HOST:8786"),
    click.option("--slurm", is_flag=True, help="workers as SLURM jobs; needs --workers"),
]
NEEDED = ("distributed", "filelock", "jinja2", "nbconvert", "papermill", "psutil", "pydantic", "rich", "ruamel")


def on_a_cluster(command: click.decorators.FC) -> click.decorators.FC:
    """Add the arguments of the commands that execute cells."""
    for decorator in reversed([FILE, SIZE, FOLDER, *CLUSTER]):
        command = decorator(command)
    return command


@click.group()
def grid() -> None:
    """Many runs of one notebook: a YAML file in, one table out, nothing lost and nothing done twice."""
    leave_out_address_checker()
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        given = f"no {', no '.join(missing)}"
        raise InputError("installed packages", given, "the extra `grid`", "pip install -e .[grid]")


@grid.command("run")
@on_a_cluster
@click.option("--collect", "and_collect", is_flag=True, help="write results/NAME.csv if every cell is done")
def run_command(file: Path, size: str, folder: Path | None, and_collect: bool, **cluster: object) -> None:
    """Run every cell of FILE that is not finished; exit status 0 only if all are done at the end."""
    _run(file, size, folder, cluster, and_collect=and_collect)


@grid.command()
@on_a_cluster
def retry(file: Path, size: str, folder: Path | None, **cluster: object) -> None:
    """Set FILE's failed and timed-out cells free and run them, and whatever else is not finished."""
    _run(file, size, folder, cluster, again=True)


def _run(
    file: Path, size: str, folder: Path | None, cluster: dict, *, again: bool = False, and_collect: bool = False
) -> None:
    from sparseobs.grid.engine import forget_failures
    from sparseobs.grid.run import run
    from sparseobs.grid.status import console
    from sparseobs.grid.wording import amount

    scheduler, slurm = cluster.pop("scheduler"), cluster.pop("slurm")
    if scheduler and slurm:
        raise InputError("--scheduler and --slurm", "both", "one of them", "leaving one out")
    (loaded, folder), out = _grid_and_folder(file, size, folder), console()
    if again:
        out.print(f"{amount(forget_failures(loaded, folder))} set free")
    status = run(loaded, folder, out, where="slurm" if slurm else scheduler or "local", **cluster)
    if and_collect and status == 0:
        _collect(loaded, folder, partial=False, name=None)
    raise SystemExit(status)


def _grid_and_folder(file: Path, size: str, folder: Path | None) -> "tuple[Grid, Path]":
    from sparseobs.grid.folder import default_folder
    from sparseobs.grid.plan import load_grid

    return load_grid(file, size), folder or default_folder(file.stem)


def _sizes_and_folder(file: Path, folder: Path | None) -> "tuple[list[Grid], Path]":
    from sparseobs.grid.folder import default_folder
    from sparseobs.grid.plan import load_sizes

    return list(load_sizes(file).values()), folder or default_folder(file.stem)


@grid.command()
@FILE
@FOLDER
def check(file: Path, folder: Path | None) -> None:
    """Check FILE at all its sizes and say what each would do; nothing runs."""
    from sparseobs.grid.clusters import machine_holds
    from sparseobs.grid.status import check_report, console

    grids, folder = _sizes_and_folder(file, folder)
    console().print(check_report(grids, folder, machine_holds(grids[0].resources)))


@grid.command()
@FILE
@SIZE
@FOLDER
@click.option("--watch", is_flag=True, help="again and again until nothing is left to do")
def status(file: Path, size: str, folder: Path | None, watch: bool) -> None:
    """Say how far FILE is, from its files alone: in any shell, on any machine that sees them."""
    from sparseobs.grid.status import show_status

    try:
        show_status(*_grid_and_folder(file, size, folder), watch)
    except KeyboardInterrupt:  # how one leaves --watch; the run goes on
        raise SystemExit(0) from None


@grid.command("collect")
@FILE
@SIZE
@FOLDER
@click.option("--partial", is_flag=True, help="leave out the cells that are not done, and say so in the record")
@click.option("--name", help="of the table; default the grid's")
def collect_command(file: Path, size: str, folder: Path | None, partial: bool, name: str | None) -> None:
    """Write FILE's cells to results/NAME.csv, one tidy table, and how they came about to results/NAME.json."""
    _collect(*_grid_and_folder(file, size, folder), partial=partial, name=name)


def _collect(loaded: "Grid", folder: Path, *, partial: bool, name: str | None) -> None:
    from sparseobs.grid.collect import collect
    from sparseobs.grid.outdated import outdated
    from sparseobs.grid.wording import amount, duration, near
    from sparseobs.runs.results import read_result

    path = collect(loaded, folder, partial=partial, name=name)
    table, record = read_result(path.stem)
    missing = f", {amount(record['cells_missing'])} missing" if record["cells_missing"] else ""
    click.echo(f"{near(path)}: {amount(len(table), 'row')} from {amount(len(record['cells']))}{missing}")
    click.echo(f"{near(path.with_suffix('.json'))}: {duration(record['device_seconds'])} of device time")
    if older := outdated(*_sizes_and_folder(loaded.path, folder)).older:
        click.echo(f"{amount(len(older))} of older code or inputs not used; `grid clean` removes them")


@grid.command()
@FILE
@SIZE
@FOLDER
def report(file: Path, size: str, folder: Path | None) -> None:
    """Write one HTML page on FILE's cells, beside them: cost, states, executed notebooks, logs, tracebacks."""
    from sparseobs.grid.report import write_report
    from sparseobs.grid.wording import near

    click.echo(near(write_report(*_grid_and_folder(file, size, folder))))


@grid.command()
@click.argument("name")
@click.option("--cells", default=1, show_default=True, help="how many, picked at random")
@click.option("--seed", default=0, show_default=True, help="of that choice")
def recompute(name: str, cells: int, seed: int) -> None:
    """Run cells of the stored table NAME anew from their record; exit status 0 if they give its numbers again."""
    from sparseobs.grid.recompute import recompute
    from sparseobs.grid.wording import chosen, duration

    equal = True
    for each in recompute(name, cells=cells, seed=seed):
        verdict = "not recomputed" if each.problem else "equal" if each.equal else "differs"
        click.echo(f"{chosen(each.parameters, list(each.parameters))}: {verdict} ({duration(each.seconds)})")
        for line in [*each.problem.splitlines(), *(f"{column}: {how}" for column, how in each.differences.items())]:
            click.echo(f"    {line}")
        for line in each.environment:
            click.echo(f"    not as it was: {line}")
        equal &= each.equal
    raise SystemExit(0 if equal else 1)


@grid.command()
@FILE
@FOLDER
@click.option("--yes", is_flag=True, help="do not ask")
def clean(file: Path, folder: Path | None, yes: bool) -> None:
    """Remove cells of FILE that no run will use any more: of older code or inputs, or begun and named no more."""
    from sparseobs.grid.outdated import bytes_in, outdated, remove
    from sparseobs.grid.wording import amount

    found = outdated(*_sizes_and_folder(file, folder))
    folders = [*found.older, *found.unfinished]
    click.echo(f"{amount(len(found.older))} finished with older code or inputs, {len(found.unfinished)} begun only")
    if folders and (yes or click.confirm(f"Remove them ({bytes_in(folders) / 1e6:.1f} MB)?")):
        click.echo(f"{amount(remove(folders))} removed")
