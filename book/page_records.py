"""What is known of each page's last execution: what its outputs were computed from, and how long that took."""

import json
from collections.abc import Iterator
from pathlib import Path

import nbformat
from execute_pages import Executed
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from page_checks import toc_pages
from page_sources import page_digests

# Begun first where no page has run yet, so that no long one is left for the end.
LONG = tuple(
    f"notebooks/{page}"
    for page in ("temperature_from_stations", "lorenz96_filter", "start_from_kalman", "adaptation_grid")
)


class PageRecords:
    """Jupyter's cache of the pages' outputs, and beside it each page's digest and seconds."""

    def __init__(self, root: Path, build: Path):
        self.root, self.build = root, build
        self.path = build / "page_records.json"
        self.notebooks = [path for path in (root / f"{page}.ipynb" for page in toc_pages(root)) if path.is_file()]
        self.digests = {self.name(path): digest for path, digest in page_digests(self.notebooks, root).items()}
        self.known = json.loads(self.path.read_text()) if self.path.is_file() else {}
        self.cache = get_cache(build / ".jupyter_cache")

    def name(self, notebook: Path) -> str:
        """Return the page's name in `_toc.yml`."""
        return notebook.relative_to(self.root).with_suffix("").as_posix()

    def _cached(self, notebook: Path) -> int | None:
        """Return the key of the page's outputs in Jupyter's cache, or None."""
        try:
            return self.cache.match_cache_notebook(nbformat.read(notebook, nbformat.NO_CONVERT)).pk
        except KeyError:
            return None

    def is_fresh(self, notebook: Path) -> bool:
        """Return whether the page's outputs are at hand and rest on nothing that has changed."""
        known = self.known.get(self.name(notebook), {})
        return known.get("digest") == self.digests[self.name(notebook)] and self._cached(notebook) is not None

    def forget_stale(self) -> list[Path]:
        """Drop the outputs of the pages that are not fresh; return these pages, the longest first."""
        stale = [notebook for notebook in self.notebooks if not self.is_fresh(notebook)]
        for notebook in stale:
            if key := self._cached(notebook):
                self.cache.remove_cache(key)
            (self.build / ".doctrees" / f"{self.name(notebook)}.doctree").unlink(missing_ok=True)
        return sorted(stale, key=self._seconds, reverse=True)

    def _seconds(self, notebook: Path) -> float:
        """Return how long the page took the last time, or may take."""
        name = self.name(notebook)
        return self.known.get(name, {}).get("seconds", 100.0 if name in LONG else 20.0)

    def keep(self, page: Executed) -> None:
        """Hand a page's outputs to Jupyter's cache; note what they rest on, unless the page failed."""
        name, seconds = self.name(page.path), round(page.seconds, 1)
        bundle = CacheBundleIn(page.notebook, str(page.path), data={"execution_seconds": seconds})
        self.cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)
        self.known[name] = {"digest": None if page.failure else self.digests[name], "seconds": seconds}
        temporary = self.path.with_suffix(".part")
        temporary.write_text(json.dumps(self.known, indent=1))
        temporary.replace(self.path)

    def executed(self) -> Iterator[tuple[str, nbformat.NotebookNode]]:
        """Yield each page whose outputs are at hand: its name, and the notebook with them."""
        for notebook in self.notebooks:
            if key := self._cached(notebook):
                yield self.name(notebook), self.cache.get_cache_bundle(key).nb

    def take_from(self, executed: Path) -> list[Path]:
        """Keep the pages just executed elsewhere, which lie with their outputs below `executed`; return them."""
        taken = []
        for notebook in self.notebooks:
            path = executed / notebook.relative_to(self.root)
            if path.is_file() and not self.is_fresh(notebook):
                self.keep(Executed(notebook, nbformat.read(path, as_version=4), seconds=0.0, failure=""))
                taken.append(notebook)
        return taken
