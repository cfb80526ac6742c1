"""What Binder, Codespaces and Colab read is whole, and links are there exactly where the project has an address."""

import json
import os
import re
import subprocess
import tomllib
from pathlib import Path
from types import SimpleNamespace

import pytest
from book_extension import link_launchers
from launch import FIRST, MARK, PAGE, links, repository

ROOT = Path(__file__).parents[2]
EXTRAS = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]


def test_binder_installs_the_project_with_its_pins():
    lines = (ROOT / ".binder" / "requirements.txt").read_text().splitlines()
    options = dict(line.split() for line in lines if not line.startswith("#"))
    assert (ROOT / ".binder" / options["--constraint"]).resolve() == ROOT / "constraints.txt"  # relative to its file
    wanted = re.fullmatch(r"\.\[([\w,]+)\]", options["--editable"])[1].split(",")  # relative to the project
    assert "book" in wanted and set(wanted) <= set(EXTRAS)


def test_binder_starts_a_python_that_the_project_takes_and_ends_with_the_self_test():
    assert re.fullmatch(r"python-3\.1[1-3]\n", (ROOT / ".binder" / "runtime.txt").read_text())
    script = ROOT / ".binder" / "postBuild"
    assert os.access(script, os.X_OK) and "book/selftest.py" in script.read_text()
    assert subprocess.run(["sh", "-n", script]).returncode == 0


def test_the_container_makes_the_environment_and_looks_at_it():
    container = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text())
    program, target = container["postCreateCommand"].split()
    assert program == "make" and re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert container["customizations"]["vscode"]["settings"]["python.defaultInterpreterPath"].endswith(
        ".venv/bin/python"
    )


@pytest.mark.parametrize("address", ["", "https://gitlab.com/a/b", "git@github.com:a/b.git"])
def test_without_an_address_that_the_services_read_there_are_no_links(address):
    assert links(address) == ""


@pytest.mark.parametrize(
    "url", ["https://github.com/an/other", "https://github.com/an/other.git", "https://github.com/an/other/"]
)
def test_links_are_built_from_the_configured_address(tmp_path, url):
    (tmp_path / "_config.yml").write_text(f"repository:\n  url: {url}\n")
    text = links(repository(tmp_path / "_config.yml"))
    assert re.findall(r"\]\((.*?)\)", text) == [
        f"https://mybinder.org/v2/gh/an/other/HEAD?labpath={FIRST}",
        f"https://colab.research.google.com/github/an/other/blob/main/{FIRST}",
        "https://codespaces.new/an/other",
    ]
    assert (ROOT / FIRST).is_file()


@pytest.mark.parametrize("config", ["title: A\n", "repository:\n", "repository:\n  url:\n", 'repository:\n  url: ""\n'])
def test_no_address_is_no_error(tmp_path, config):
    (tmp_path / "_config.yml").write_text(config)
    assert repository(tmp_path / "_config.yml") == ""


def test_the_page_has_the_mark_and_no_other_page_is_changed():
    app = SimpleNamespace(srcdir=ROOT, env=SimpleNamespace(note_dependency=lambda path: None))
    source, other = [(ROOT / f"{PAGE}.md").read_text()], [MARK]
    assert MARK in source[0]
    link_launchers(app, PAGE, source)
    link_launchers(app, "book/intro", other)
    assert MARK not in source[0] and other == [MARK]
