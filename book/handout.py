"""A zip for a room without a network: the built book, the learners' notebooks, the package with its pins.

`python book/handout.py`, after `make book`.
"""

import argparse
import os
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

from editions import learners

from sparseobs.errors import InputError

START = """# Learning from Sparse Observations: a handout

- `html/index.html` is the book. Open it in a browser; it needs no network.
- `learners/` holds its notebooks without solutions.
- `pyproject.toml`, `constraints.txt`, `environment.yml`, `src/` and `results/` are the package that the notebooks run.
  `constraints.txt` lists every package that it needs, with its version. Their wheels are not here.

With a folder of these wheels beside this one, without a network, on Linux or macOS:

```bash
python3 -m venv .venv
.venv/bin/python -m pip install --no-index --find-links ../wheels -c constraints.txt -e ".[book,grid,real,test]"
.venv/bin/python book/selftest.py
.venv/bin/jupyter lab learners/
```

With a network the second line needs neither `--no-index` nor `--find-links ../wheels`.
"""
FILES = ("constraints.txt", "environment.yml", "pyproject.toml", "README.md", "LICENSE", "LICENSE-prose.md")
FOLDERS = ("src", "results")
MADE_AGAIN = {"__pycache__", ".ipynb_checkpoints"}


def contents(root: Path, build: Path) -> Iterator[tuple[Path, str]]:
    """Yield every file of the handout and its name in it.

    Raises:
        InputError: the book is not built, or its last build failed.
    """
    html = build / "html"
    if not (html / "index.html").is_file() or not (build / "built_from").is_file():
        raise InputError("book", f"no finished build in {build}", "a built book", "make book")
    for name in (*FILES, "book/selftest.py"):
        yield root / name, name
    for folder in FOLDERS:
        yield from _below(root / folder, folder)
    yield from _below(html, "html")
    yield from _below(learners(root, build), "learners")


def _below(folder: Path, name: str) -> Iterator[tuple[Path, str]]:
    for here, folders, files in os.walk(folder):
        folders[:] = [each for each in folders if each not in MADE_AGAIN and not each.endswith(".egg-info")]
        for path in (Path(here, each) for each in files if not each.startswith(".")):
            yield path, f"{name}/{path.relative_to(folder).as_posix()}"


def handout(root: Path, build: Path) -> Path:
    """Write the zip, everything below one folder; return its path. See `contents`."""
    chosen, path = dict(contents(root, build)), build / "handout.zip"
    part = path.with_suffix(".part")
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("handout/START_HERE.md", START)
        for file, name in sorted(chosen.items()):
            archive.write(file, f"handout/{name}")
    return part.replace(path)


def main(arguments: list[str] | None = None) -> int:
    """Read the command line, write the zip and say how large it is."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    here = Path(__file__).resolve().parents[1]
    parser.add_argument("--root", type=Path, default=here, help="the book's sources, with _build in it")
    root = parser.parse_args(arguments).root.resolve()
    try:
        path = handout(root, root / "_build")
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    print(f"{path} ({path.stat().st_size / 1e6:.1f} MB)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
