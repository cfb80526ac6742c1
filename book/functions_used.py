"""What a page used, at its end: the project's functions and classes that its code cells name, with links to the API."""

import ast
import json
from collections.abc import Iterable
from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx_design.shared import create_component

from sparseobs.exports import read_exports

PACKAGES = ("sparseobs", "sparseobs_book")
API = "book/api"
TITLE = "Functions used on this page"


def code_of(notebook: Path) -> str:
    """Return the code cells of a notebook that are Python as they stand."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    return "\n".join(source for source in code if _is_python(source))


def _is_python(source: str) -> bool:
    try:
        ast.parse(source)
    except SyntaxError:  # a magic
        return False
    return True


def names_used(code: str, modules: Iterable[str]) -> list[str]:
    """Return the full names of what code takes from the project, constants left out, in alphabetical order.

    Args:
        code: Python.
        modules: full names of the project's modules: what is taken from a module that the code imports counts by name.
    """
    modules, tree = set(modules), ast.parse(code)
    found, aliases = set(), {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in PACKAGES:
            for alias in node.names:
                name = f"{node.module}.{alias.name}"
                if name in modules:
                    aliases[alias.asname or alias.name] = name
                else:
                    found.add(name)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in aliases:
            found.add(f"{aliases[node.value.id]}.{node.attr}")
    return sorted(name for name in found if not name.rsplit(".", 1)[-1].isupper())


def project_modules(source: Path) -> set[str]:
    """Return the full names of the modules below `source`."""
    files = [path for name in PACKAGES for path in (source / name).rglob("*.py")]
    dotted = [path.relative_to(source).with_suffix("").as_posix().replace("/", ".") for path in files]
    return {name.removesuffix(".__init__") for name in dotted}


def api_entries(source: Path) -> dict[str, str]:
    """Return the name at the top of a sub-package by every full name of the same thing."""
    entries = {}
    for stub in sorted((source / "sparseobs").glob("*/__init__.pyi")):
        package = f"sparseobs.{stub.parent.name}"
        for name, module in read_exports(stub).items():
            entries[f"{package}.{name}"] = entries[f"{module}.{name}"] = f"{package}.{name}"
    return entries


def fold(names: list[str], entries: dict[str, str]) -> nodes.container:
    """Return a folded list of names: those that the API has as links to it, the others as they are."""
    linked = sorted({entries[name] for name in names if name in entries})
    others = [name for name in names if name not in entries]
    items = [nodes.list_item("", nodes.paragraph("", "", _link(name))) for name in linked]
    items += [nodes.list_item("", nodes.paragraph("", "", nodes.literal("", name))) for name in others]
    look = {"container_classes": ["sd-mb-3", "functions-used"], "title_classes": [], "body_classes": []}
    container = create_component("dropdown", opened=False, has_title=True, icon=None, chevron=None, **look)
    container += [nodes.rubric(TITLE, TITLE), nodes.bullet_list("", *items)]
    return container


def _link(name: str) -> addnodes.pending_xref:
    target = {"refdomain": "py", "reftype": "obj", "reftarget": name, "refexplicit": False, "refwarn": True}
    return addnodes.pending_xref("", nodes.literal("", name, classes=["xref", "py", "py-obj"]), **target)


def add_functions(app: Sphinx, document: nodes.document) -> None:
    """End a page that is a notebook with what it used, before the line on its own versions."""
    path = Path(app.env.doc2path(app.env.docname))
    if path.suffix != ".ipynb":
        return
    source = Path(app.srcdir) / "src"
    names = names_used(code_of(path), project_modules(source))
    sections = list(document.findall(nodes.section))
    if not names or not sections:
        return
    with_api = (Path(app.srcdir) / f"{API}").is_dir()
    last, list_of_names = sections[-1], fold(names, api_entries(source) if with_api else {})
    for stub in (source / "sparseobs").glob("*/__init__.pyi"):
        app.env.note_dependency(str(stub))
    ends_with_a_cell = last.children and "cell" in getattr(last[-1], "attributes", {}).get("classes", [])
    last.insert(len(last) - 1 if ends_with_a_cell else len(last), list_of_names)
