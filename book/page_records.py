"""What is known of each page's last execution: what its outputs were computed from, and how long that took."""

import json
from pathlib import Path

import nbformat
from execute_pages import Executed
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from page_checks import toc_pages
from page_sources import page_digests


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

    def forget(self, notebook: Path) -> None:
        """Drop the page's outputs, and what Sphinx has read of them."""
        if key := self._cached(notebook):
            self.cache.remove_cache(key)
        (self.build / ".doctrees" / f"{self.name(notebook)}.doctree").unlink(missing_ok=True)

    def forget_stale(self) -> list[Path]:
        """Drop the outputs of every page that rests on something that changed; return them, the longest first."""
        stale = []
        for notebook in self.notebooks:
            known = self.known.get(self.name(notebook), {})
            if known.get("digest") != self.digests[self.name(notebook)] or self._cached(notebook) is None:
                self.forget(notebook)
                stale.append(notebook)
        return sorted(stale, key=self._seconds, reverse=True)

    def _seconds(self, notebook: Path) -> float:
        """Return how long the page took the last time; a page that never ran may be a long one."""
        return self.known.get(self.name(notebook), {}).get("seconds", float("inf"))

    def keep(self, page: Executed) -> None:
        """Hand a page's outputs to Jupyter's cache; note what they rest on, unless the page failed."""
        name, seconds = self.name(page.path), round(page.seconds, 1)
        bundle = CacheBundleIn(page.notebook, str(page.path), data={"execution_seconds": seconds})
        self.cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)
        self.known[name] = {"digest": None if page.failure else self.digests[name], "seconds": seconds}
        temporary = self.path.with_suffix(".part")
        temporary.write_text(json.dumps(self.known, indent=1))
        temporary.replace(self.path)
