"""What a stranger meets first says what is true, and leads somewhere."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
DOCUMENTS = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE-prose.md"]


def tracked_files() -> list[Path]:
    listing = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    return [ROOT / name for name in listing.stdout.splitlines() if (ROOT / name).is_file()]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_and_pictures_lead_to_files(name):
    targets = re.findall(r"\]\((?!https?:|#)([^)#]+)", (ROOT / name).read_text())
    assert [target for target in targets if not (ROOT / target).is_file()] == []


@pytest.mark.parametrize("name", [*DOCUMENTS, "book/how_to_use.md", "book/teach.md"])
def test_every_make_target_named_exists(name):
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"(?:`|^)make ([a-z]+)", (ROOT / name).read_text(), re.MULTILINE)) <= targets


def test_make_help_lists_every_target():
    makefile = (ROOT / "Makefile").read_text()
    shown = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True).stdout
    targets = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[1].split()
    assert {"book", "test", "clean", "help"} <= set(targets)
    assert [target for target in targets if f"make {target}" not in shown] == []


def test_citation_names_the_book_and_both_papers():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert citation["version"] == PROJECT["version"]
    assert citation["license"] == PROJECT["license"]
    assert citation["title"] == yaml.safe_load((ROOT / "_config.yml").read_text())["title"]
    assert [each["url"][-10:] for each in citation["references"]] == ["2111.01058", "2310.19932"]


def test_continuous_integration_calls_the_same_commands():
    assert (ROOT / ".ci" / "run").read_text().rstrip().endswith("\nmake test")
    workflows = {path.stem: yaml.safe_load(path.read_text()) for path in (ROOT / ".github" / "workflows").iterdir()}
    steps = {
        name: [step.get("run") for job in workflow["jobs"].values() for step in job["steps"]]
        for name, workflow in workflows.items()
    }
    assert "bash .ci/run" in steps["test"]
    assert "make book" in steps["book"]
    assert "schedule" in workflows["book"][True]  # YAML 1.1 reads the key "on" as true


def test_committed_files_are_small_and_name_no_private_place():
    files = tracked_files()
    if not files:
        pytest.skip("not a git checkout")
    large = [path.name for path in files if path.stat().st_size > 1_500_000]
    assert not large
    private = re.compile(rb"/(?:home|root|work|Users)/[a-z]")
    ours = [path for path in files if "mathjax" not in path.parts and path.suffix not in (".safetensors", ".png")]
    assert [path.relative_to(ROOT).as_posix() for path in ours if private.search(path.read_bytes())] == []


def test_the_readmes_ten_lines_run(capsys):
    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert len([line for line in code.splitlines() if line and not line.startswith("from ")]) <= 10
    exec(compile(code, "README.md", "exec"), {})
    assert 0 < float(re.search(r"tensor\(\[([\d.]+)", capsys.readouterr().out)[1]) < 1
