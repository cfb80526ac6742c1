"""One HTML page on a grid: what it cost, every cell, its executed notebook and its log; nothing from the network."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from sparseobs.files import project_root, replacing
from sparseobs.grid.attempt_job import DONE
from sparseobs.grid.folder import CellFolder
from sparseobs.grid.model import Grid
from sparseobs.grid.report_notebook import PAGES, notebook_page
from sparseobs.grid.state import RUNNING, WAITING, CellState, cell_states, count, read_record
from sparseobs.grid.wording import cells, duration, label, value, varying

FILES = {"result.csv": "table", "record.json": "record", "log.txt": "log"}


@dataclass(frozen=True)
class Row:
    """A cell as the page shows it: texts, and links as pairs of text and place."""

    label: str
    parameters: list[tuple[str, str]]
    status: str
    wall: str
    device: str
    memory: str
    links: list[tuple[str, str]]
    error: str = ""
    traceback: str = ""


def templates() -> Environment:
    """Return the page's templates; what is put into them is escaped."""
    loader = PackageLoader("sparseobs.grid", "templates")
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)


def write_report(grid: Grid, folder: Path, report: Callable[[int], None] = lambda done: None) -> Path:
    """Write the page, and one for each executed notebook; return where the page is.

    The links are relative: the folder can be copied or served as a whole.

    Args:
        grid: whose cells they are.
        folder: where its cells are; the pages are written there too.
        report: called with the number of cells whose notebook is ready.
    """
    page, environment = folder / f"report-{grid.size}.html", templates()
    states, rows = cell_states(grid, folder), []
    for done, state in enumerate(states, start=1):
        rows.append(_row(grid, state, page, environment))
        report(done)
    text = environment.get_template("report.html.jinja").render(
        title=grid.title,
        style="",
        counted=count(states),
        facts=_facts(grid, folder, states),
        rows=rows,
        failures=[row for row in rows if row.error],
        names=varying(grid),
        now=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
    )
    with replacing(page) as temporary:
        temporary.write_text(text, encoding="utf-8")
    return page


def _row(grid: Grid, state: CellState, page: Path, environment: Environment) -> Row:
    names, folder = varying(grid), page.parent
    who = label(state.cell, names)
    record = read_record(CellFolder.of(folder, state.cell.identity)) if state.status == DONE else {}
    links = []
    if state.place and state.status != RUNNING and (state.place / "notebook.ipynb").is_file():
        target = folder / PAGES / f"{state.cell.identity}.html"
        if notebook_page(state.place / "notebook.ipynb", target, environment, title=who, back=page.name):
            links.append(("notebook", f"{PAGES}/{target.name}"))
    if state.place:
        there = state.place.relative_to(folder).as_posix()
        links += [(text, f"{there}/{name}") for name, text in FILES.items() if (state.place / name).is_file()]
    return Row(
        label=who,
        parameters=[(name, value(state.cell.parameters[name])) for name in names],
        status=state.status,
        wall=duration(state.seconds) if state.seconds else "",
        device=duration(record["device_seconds"]) if record else "",
        memory=f"{record['peak_memory_mb']:.0f} MB" if record else "",
        links=links,
        error=state.error,
        traceback=state.traceback,
    )


def _facts(grid: Grid, folder: Path, states: Sequence[CellState]) -> list[tuple[str, str]]:
    """Return what the page's head says, as pairs of a name and a text."""
    places = [CellFolder.of(folder, state.cell.identity) for state in states if state.status == DONE]
    records = [read_record(place) for place in places]
    below = grid.path.resolve().as_posix().removeprefix(f"{project_root().resolve().as_posix()}/")
    facts = [
        ("command", f"python -m sparseobs grid run {below} --size {grid.size}"),
        ("notebook", grid.notebook.relative_to(project_root()).as_posix()),
        ("axes", ", ".join(grid.axes)),
    ]
    left = sum(state.status in (RUNNING, WAITING) for state in states)
    if records:
        wall, device = (sum(record[name] for record in records) for name in ("wall_seconds", "device_seconds"))
        facts += [
            ("cost so far", f"{duration(wall)} of cells, {duration(device)} of device time"),
            ("peak memory", f"{max(record['peak_memory_mb'] for record in records):.0f} MB"),
            ("devices", ", ".join(sorted({record["device"] for record in records}))),
            ("commits", ", ".join(sorted({_commit(record) for record in records}))),
            ("from", min(record["started"] for record in records)),
            ("to", max(record["ended"] for record in records)),
        ]
    if left:
        facts.append(("still to do", f"{cells(left)}, expected {duration(grid.cost.seconds)} each"))
    return facts


def _commit(record: dict) -> str:
    return record["commit"][:10] + {False: " with uncommitted changes"}.get(record["clean"], "")
