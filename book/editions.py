"""Copies of the lessons for a class: without solutions, with a seed of the teacher's, and judged when handed in.

`python book/editions.py --help`
"""

import argparse
import ast
import copy
import csv
import os
import re
import shutil
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import jupytext
import nbformat
import yaml
from build import COLOUR
from execute_pages import Executed, Executor
from page_checks import toc_pages
from plain_markdown import for_jupyter
from seed_dependence import may_change_with
from teaching import EXERCISE

from sparseobs.errors import InputError, require_number

TEACHERS = re.compile(  # blocks of Markdown that only a teacher should see
    r"^(?P<fence>:{3,})\{admonition\} (?:Solution|For instructors)\b.*?^(?P=fence)[ \t]*(?:\n|\Z)",
    re.MULTILINE | re.DOTALL,
)
README = """These are the lessons of *Learning from Sparse Observations* without their solutions.

Open a notebook in JupyterLab, in the book's environment (`python book/selftest.py` says whether it will do).
Where a cell says YOUR TURN, put your answer in the place of the dots and run it. It says "Right." or "Not yet."
"""


def lessons(root: Path) -> list[Path]:
    """Return the notebooks of the book, in its order."""
    paths = (root / f"{page}.ipynb" for page in toc_pages(root) if page.startswith("notebooks/"))
    return [path for path in paths if path.is_file()]


def has_tag(cell: nbformat.NotebookNode, tag: str) -> bool:
    """Return whether a cell has a tag."""
    return tag in cell.metadata.get("tags", [])


def for_class(notebook: nbformat.NotebookNode, solutions: bool = False) -> nbformat.NotebookNode:
    """Return a copy without outputs and claims; without solutions and instructors' notes too, unless they are wanted.

    The claims go because they hold for the book's own seed and need what solutions compute.
    """
    wanted = copy.deepcopy(notebook)
    gone = ("claims",) if solutions else ("claims", "solution")
    cells = [cell for cell in wanted.cells if not any(has_tag(cell, tag) for tag in gone)]
    for cell in cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
        elif not solutions:
            cell.source = TEACHERS.sub("", cell.source).strip("\n")
    wanted.cells = [cell for cell in cells if cell.source]
    return wanted


def exercises(notebook: nbformat.NotebookNode) -> Iterator[tuple[nbformat.NotebookNode, str, str]]:
    """Yield each code cell below an exercise with that exercise's name (its number if it has none) and title.

    A class's edition has the name in the starter's metadata, for its Markdown is plain and has no names.
    """
    name = title = ""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            for found in EXERCISE.finditer(cell.source):
                title = found["title"].strip()
                name = found["name"] or title.split(" · ")[0]
        elif name := cell.metadata.get("exercise_name", name):
            yield cell, name, title


def for_learners(notebook: nbformat.NotebookNode, root: Path, solutions: bool = False) -> nbformat.NotebookNode:
    """Return `for_class` of a lesson in Markdown that JupyterLab shows."""
    edition = for_class(notebook, solutions)
    for cell, name, _ in exercises(edition):
        if has_tag(cell, "exercise"):
            cell.metadata["exercise_name"] = name
    return for_jupyter(edition, root)


def set_parameter(notebook: nbformat.NotebookNode, name: str, value: object) -> bool:
    """Put another value for a parameter into the cell tagged `parameters`; return whether it has that parameter."""
    for cell in notebook.cells:
        if has_tag(cell, "parameters") and (node := _assigned_value(cell.source, name)):
            lines = [len(line) for line in cell.source.encode().splitlines(keepends=True)]
            start, end = (  # the syntax counts bytes
                sum(lines[: line - 1]) + column
                for line, column in ((node.lineno, node.col_offset), (node.end_lineno, node.end_col_offset))
            )
            code = cell.source.encode()
            cell.source = (code[:start] + repr(value).encode() + code[end:]).decode()
            return True
    return False


def _assigned_value(code: str, name: str) -> ast.expr | None:
    """Return what a cell's code assigns to a name, as syntax, or None."""
    for node in ast.parse(code).body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if any(isinstance(target, ast.Name) and target.id == name for target in targets):
            return node.value
    return None


def write(notebook: nbformat.NotebookNode, path: Path) -> None:
    """Write a notebook and, beside it, its script."""
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)
    jupytext.write(notebook, path.with_suffix(".py"), fmt="py:percent")


def empty(folder: Path) -> Path:
    """Return a folder that is there and holds nothing."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def learners(root: Path, build: Path) -> Path:
    """Write the learners' edition of every lesson; return its folder."""
    folder = empty(build / "learners")
    for path in lessons(root):
        write(for_learners(nbformat.read(path, as_version=4), root), folder / path.name)
    (folder / "README.md").write_text(README, encoding="utf-8")
    return folder


def graded(root: Path, build: Path, seed: int) -> tuple[Path, Path]:
    """Write the learners' edition with another seed, and its answers; print what the seed changes.

    Returns:
        The folder for the class, and the one for the teacher.

    Raises:
        InputError: no such seed.
    """
    require_number("seed", seed, least=0, whole=True)
    folders = empty(build / f"graded-{seed}"), empty(build / f"graded-{seed}-answers")
    for path in lessons(root):
        notebook = nbformat.read(path, as_version=4)
        has_seed = set_parameter(notebook, "seed", seed)
        for folder, solutions in zip(folders, (False, True), strict=True):
            write(for_learners(notebook, root, solutions), folder / path.name)
        print(f"{path.stem}: {f'seed {seed}' if has_seed else 'has no seed, every answer is the same'}")
        if has_seed:
            for title, changes in answers(notebook).items():
                print(f"    {title}: {'may change with the seed' if changes else 'the same for every seed'}")
    (folders[0] / "README.md").write_text(README, encoding="utf-8")
    return folders


def answers(notebook: nbformat.NotebookNode) -> dict[str, bool]:
    """Return for each exercise whether the seed may change what its solution rests on."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    changes = dict(zip(map(id, code), may_change_with("seed", [cell.source for cell in code]), strict=True))
    return {title: changes[id(cell)] for cell, _, title in exercises(notebook) if has_tag(cell, "solution")}


def run(root: Path, build: Path, names: dict[Path, str], workers: int) -> Iterator[Executed]:
    """Yield each notebook, executed, and print a line on it; `names` has what it is called there."""
    timeout = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))["execute"]["timeout"]
    with closing(Executor(workers, timeout, build / "kernels.log").execute(list(names))) as finished:
        for done in finished:
            print(f"{names[done.path]} {done.seconds:.1f} s{' (failed)' * bool(done.failure)}", flush=True)
            yield done


def execute(root: Path, build: Path, folder: Path, workers: int) -> bool:
    """Execute the notebooks of a folder in place; return whether all ran to their ends."""
    failed = []
    for done in run(root, build, {path: path.name for path in sorted(folder.glob("*.ipynb"))}, workers):
        nbformat.write(done.notebook, done.path)
        failed += [done.path.name] * bool(done.failure)
    return not failed


def verdict(cell: nbformat.NotebookNode) -> tuple[str, str]:
    """Return "right", "not yet", "no verdict" or "not reached" for an exercise's cell, and the line that says so."""
    text = "".join(output.get("text", "") for output in cell.outputs if output.output_type == "stream")
    told = [line for line in text.splitlines() if line.startswith(("Right.", "Not yet."))]
    for kind in ("Not yet.", "Right."):  # a cell that asks twice is right when both are
        if found := [line for line in told if line.startswith(kind)]:
            return kind.rstrip(".").lower(), found[0]
    return ("no verdict" if cell.execution_count else "not reached"), ""


def grade(root: Path, build: Path, folder: Path, workers: int) -> Path:
    """Execute what was handed in, anywhere below a folder; return a table with a row for each exercise.

    A notebook that cannot be read or fails has a row that says so beside those of the exercises that it reached.

    Raises:
        InputError: no notebook lies in the folder.
    """
    handed_in = sorted(path for path in folder.rglob("*.ipynb") if ".ipynb_checkpoints" not in path.parts)
    if not handed_in:
        raise InputError("FOLDER", str(folder), "a folder with notebooks", "make grade FOLDER=path/to/handed_in")
    rows = []
    with TemporaryDirectory() as scratch:
        copies = {}
        for path in handed_in:
            name = path.relative_to(folder).as_posix()
            try:
                notebook = for_class(nbformat.read(path, as_version=4))
            except Exception as error:  # nothing that a class hands in may stop the others
                rows.append((name, "", "failed", f"no notebook: {type(error).__name__}"))
                continue
            # Kernels have other names on other machines; the files, many of one name, stay as they were handed in.
            notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
            copies[Path(scratch, f"{len(copies):03}-{path.name}")] = name
            nbformat.write(notebook, list(copies)[-1])
        for done in run(root, build, copies, workers):
            rows += _rows(copies[done.path], done)
    table = build / "grades.csv"
    with table.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerows([("notebook", "exercise", "verdict", "said"), *sorted(rows)])
    for (name, kind), count in sorted(Counter(row[::2][:2] for row in rows).items()):
        print(f"{name}: {count} {kind}")
    return table


def _rows(name: str, done: Executed) -> Iterator[tuple[str, str, str, str]]:
    """Yield the rows of one notebook's table of verdicts."""
    for cell, exercise, _ in exercises(done.notebook):
        if has_tag(cell, "exercise"):
            yield name, exercise, *verdict(cell)
    if done.failure:
        yield name, "", "failed", COLOUR.sub("", done.failure).strip().splitlines()[-1]


def main(arguments: list[str] | None = None) -> int:
    """Read the command line and make what it asks for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parents[1], help="the book's sources")
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="notebooks run at a time (default: cores)")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("learners", help="every lesson without its solutions")
    with_seed = commands.add_parser("graded", help="the same with another seed, and its answers beside it")
    with_seed.add_argument("--seed", type=int, required=True, help="whole number, 0 or more")
    with_seed.add_argument("--execute", action="store_true", help="run the answers, so that they show their numbers")
    marked = commands.add_parser("grade", help="run what was handed in and count what is right")
    marked.add_argument("folder", type=Path)
    options = parser.parse_args(arguments)
    root, build = options.root.resolve(), options.root.resolve() / "_build"
    build.mkdir(exist_ok=True)
    try:
        if options.command == "learners":
            print(f"Without solutions, to hand out: {learners(root, build)}")
        elif options.command == "graded":
            for_learners, for_teacher = graded(root, build, options.seed)
            print(f"To hand out: {for_learners}\nFor the teacher: {for_teacher}")
            return 0 if not options.execute or execute(root, build, for_teacher, options.workers) else 1
        else:
            print(f"Exercise by exercise: {grade(root, build, options.folder, options.workers)}")
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
