"""A Chromium without a window, for what only a browser knows of a page: how it is set, and how it prints."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Pages lie on disk; and where one works as root, in a container, Chromium has no sandbox.
FLAGS = ["--no-sandbox", "--allow-file-access-from-files"]
MATHS_IS_SET = "() => !window.MathJax || (window.MathJax.startup?.promise?.then(() => true) ?? false)"


def find_browser(own: str = "") -> str | None:
    """Return the program: the system's Chromium or Chrome, else the `own` one of playwright, else None."""
    return next(filter(None, map(shutil.which, NAMES)), own if Path(own).is_file() else None)


@contextmanager
def chromium() -> Iterator[Browser | None]:
    """Start the browser and end it at last; None where there is none."""
    with sync_playwright() as playwright:
        program = find_browser(playwright.chromium.executable_path)
        browser = program and playwright.chromium.launch(executable_path=program, args=FLAGS)
        try:
            yield browser
        finally:
            if browser:
                browser.close()


def open_page(page: Page, path: Path) -> None:
    """Open a page of the disk and wait until its equations are set."""
    page.goto(path.resolve().as_uri())
    page.wait_for_function(MATHS_IS_SET)
