"""One HTML page on a grid: what it cost, every cell, its executed notebook and its log; nothing from the network."""

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import nbformat
from jinja2 import Environment, PackageLoader, StrictUndefined
from nbconvert import HTMLExporter
from pygments.formatters import HtmlFormatter
from tqdm import tqdm

from sparseobs.files import replacing
from sparseobs.grid.folder import DONE, CellFolder
from sparseobs.grid.model import Grid
from sparseobs.grid.state import RUNNING, WAITING, CellState, cell_states, count
from sparseobs.grid.wording import amount, below_project, duration, label, value, varying

FILES = {"result.csv": "table", "record.json": "record", "log.txt": "log"}
PAGES = "notebooks"  # beside the report
# Tags that fetch something; an executed notebook may hold any HTML.
FETCHING = re.compile(r"<(script|link|iframe)\b[^>]*\b(?:src|href)=[\"']?(?:https?:)?//[^>]*>(?:\s*</\1>)?", re.I)


def write_report(grid: Grid, folder: Path) -> Path:
    """Write the page, and one for each executed notebook; return where the page is. A terminal shows how far it is.

    The links are relative: the folder can be copied or served as a whole.

    Args:
        grid: whose cells they are.
        folder: where its cells are; the pages are written there too.
    """
    page, states = folder / f"report-{grid.size}.html", cell_states(grid, folder)
    done = [state.cell.identity for state in states if state.status == DONE]
    records = {identity: CellFolder.of(folder, identity).record() for identity in done}
    rows = [
        _row(grid, state, page, records.get(state.cell.identity))
        for state in tqdm(states, "notebooks", leave=False, disable=None)
    ]
    _write(
        page,
        "report",
        title=grid.title,
        style="",
        counted=count(states),
        facts=_facts(grid, list(records.values()), states),
        rows=rows,
        failures=[row for row in rows if row["error"]],
        names=varying(grid),
        now=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
    )
    return page


def _write(target: Path, template: str, **content: object) -> None:
    """Write a page; what is put into its template is escaped."""
    loader = PackageLoader("sparseobs.grid", "templates")
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    with replacing(target) as temporary:
        text = environment.get_template(f"{template}.html.jinja").render(content)
        temporary.write_text(text, encoding="utf-8")


def _row(grid: Grid, state: CellState, page: Path, record: dict | None) -> dict:
    """Return a cell as the page shows it: texts, and `links` and `parameters` as pairs."""
    names, links = varying(grid), []
    who = label(state.cell, names)
    if state.place and state.status != RUNNING:
        target = page.parent / PAGES / f"{state.cell.identity}.html"
        if notebook_page(state.place / "notebook.ipynb", target, title=who, back=page.name):
            links.append(("notebook", f"{PAGES}/{target.name}"))
    if state.place:
        there = state.place.relative_to(page.parent).as_posix()
        links += [(text, f"{there}/{name}") for name, text in FILES.items() if (state.place / name).is_file()]
    return {
        "label": who,
        "parameters": [(name, value(state.cell.parameters[name])) for name in names],
        "status": state.status,
        "wall": duration(state.seconds) if state.seconds else "",
        "device": duration(record["device_seconds"]) if record else "",
        "memory": f"{record['peak_memory_mb']:.0f} MB" if record else "",
        "links": links,
        "error": state.error,
        "traceback": state.traceback,
    }


def _facts(grid: Grid, records: Sequence[dict], states: Sequence[CellState]) -> list[tuple[str, str]]:
    """Return what the page's head says, as pairs of a name and a text."""
    facts = [
        ("command", f"python -m sparseobs grid run {below_project(grid.path)} --size {grid.size}"),
        ("notebook", below_project(grid.notebook)),
        ("axes", ", ".join(grid.axes)),
    ]
    if records:
        commits = {
            record["commit"][:10] + " with uncommitted changes" * (record["clean"] is False) for record in records
        }
        wall, device = (sum(record[name] for record in records) for name in ("wall_seconds", "device_seconds"))
        facts += [
            ("cost so far", f"{duration(wall)} of cells, {duration(device)} of device time"),
            ("peak memory", f"{max(record['peak_memory_mb'] for record in records):.0f} MB"),
            ("devices", ", ".join(sorted({record["device"] for record in records}))),
            ("commits", ", ".join(sorted(commits))),
            ("from", min(record["started"] for record in records)),
            ("to", max(record["ended"] for record in records)),
        ]
    if left := sum(state.status in (RUNNING, WAITING) for state in states):
        facts.append(("still to do", f"{amount(left)}, expected {duration(grid.cost.seconds)} each"))
    return facts


def notebook_page(notebook: Path, target: Path, *, title: str, back: str) -> bool:
    """Write a notebook as a page of its own, unless the page is newer; return whether there is one.

    Args:
        notebook: executed; one that is not there or half written (its attempt was killed) has no page.
        target: the page.
        title: of the page.
        back: name of the report.
    """
    if not notebook.is_file():
        return False
    if target.is_file() and target.stat().st_mtime > notebook.stat().st_mtime:
        return True
    try:
        cells = nbformat.read(notebook, as_version=4)
    except (json.JSONDecodeError, nbformat.reader.NotJSONError):
        return False
    content, _ = HTMLExporter(template_name="basic").from_notebook_node(cells)
    _write(target, "notebook", title=title, style=code_style(), content=FETCHING.sub("", content), back=back)
    return True


def code_style() -> str:
    """Return the colours of code, light and dark."""
    light, dark = (HtmlFormatter(style=name).get_style_defs(".highlight") for name in ("default", "github-dark"))
    return f"{light}\n@media (prefers-color-scheme: dark) {{\n{dark}\n}}\n.prompt {{ display: none; }}"
