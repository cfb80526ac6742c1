"""What a class is handed has no answers and still runs; a seed goes in by syntax; what comes back is judged."""

import csv
import subprocess
import sys
from pathlib import Path

import jupytext
import nbformat
import pytest
from editions import (
    answers,
    exercises,
    for_class,
    for_learners,
    graded,
    has_tag,
    learners,
    lessons,
    main,
    set_parameter,
)
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from seed_dependence import may_change_with, names_read, names_written

from sparseobs.errors import InputError
from sparseobs.runs.parameters import assigned

ROOT = Path(__file__).parents[2]
LESSONS = lessons(ROOT)
ASK = ":::{admonition} Exercise 1 · Write · 5 minutes\n:name: exercise-page-one\nAdd.\n:::\n"
NOTE = ":::{admonition} For instructors\n:class: dropdown\nA secret.\n:::"
TOLD = "::::{admonition} Solution\n:class: dropdown\nIt is 42.\n:::{note}\nReally 42.\n:::\n::::\n\nWords after."
JUDGED = """
def check(answer):
    print("Right. Two." if answer == 2 else "Not yet. Look again.")
"""


def tagged(source: str, *tags: str):
    return new_code_cell(source, metadata={"tags": list(tags)})


@pytest.fixture
def page():
    cells = [
        new_markdown_cell("# A page"),
        tagged("preset = 'smoke'\nseed = 0  # Zufall: größer\nseeds = [seed]", "parameters"),
        new_code_cell(JUDGED.strip()),
        new_markdown_cell(ASK),
        tagged("mine = ...  # YOUR TURN\ncheck(mine)", "exercise"),
        tagged("# Solution: add.\ncheck(1 + 1)", "hide-cell", "solution"),
        new_markdown_cell(TOLD),
        new_markdown_cell(NOTE),
        tagged("print('holds')", "remove-cell", "claims"),
    ]
    return new_notebook(cells=cells)


@pytest.fixture
def book(tmp_path, page):
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: notebooks/page\nchapters:\n- file: notebooks/plain\n")
    (tmp_path / "_config.yml").write_text("execute: {timeout: 60}\n")
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "_build").mkdir()
    nbformat.write(page, tmp_path / "notebooks" / "page.ipynb")
    nbformat.write(new_notebook(cells=[new_code_cell("1")]), tmp_path / "notebooks" / "plain.ipynb")
    return tmp_path


def text(notebook) -> str:
    return "\n".join(cell.source for cell in notebook.cells)


def test_answers_go_and_questions_starters_and_words_stay(page):
    page.cells[1].outputs = [nbformat.v4.new_output("stream", text="x")]
    edition = for_class(page)
    for gone in ("Solution", "42", "secret", "holds"):
        assert gone in text(page) and gone not in text(edition), gone
    for kept in ("YOUR TURN", "exercise-page-one", "Words after."):
        assert kept in text(edition), kept
    assert not any(cell.get("outputs") for cell in edition.cells)
    assert len(page.cells) == 9, "the notebook itself is left alone"


def test_the_teachers_copy_keeps_solutions_and_notes_but_no_claims_on_another_seed(page):
    edition = text(for_class(page, solutions=True))
    assert "42" in edition and "secret" in edition and "holds" not in edition


def test_a_parameter_is_replaced_where_it_is_assigned_and_nowhere_else(page):
    assert set_parameter(page, "seed", 7)
    assert page.cells[1].source == "preset = 'smoke'\nseed = 7  # Zufall: größer\nseeds = [seed]"
    assert not set_parameter(page, "forcing", 8.0)


@pytest.mark.parametrize(
    "code, after",
    [
        ('name = "größer"; seed = 0', 'name = "größer"; seed = 7'),  # the syntax counts bytes
        ("seed: int = (\n    0\n)  # why", "seed: int = (\n    7\n)  # why"),
        ("# seed = 1\ntext = '''\nseed = 2\n'''\nseed=3", "# seed = 1\ntext = '''\nseed = 2\n'''\nseed=7"),
    ],
)
def test_the_replacement_goes_by_syntax(code, after):
    page = new_notebook(cells=[tagged(code, "parameters")])
    assert set_parameter(page, "seed", 7) and page.cells[0].source == after


def test_editions_are_written_as_notebook_and_script(book, capsys):
    folder = learners(book, book / "_build")
    assert sorted(path.name for path in folder.iterdir()) == [
        "README.md",
        "page.ipynb",
        "page.py",
        "plain.ipynb",
        "plain.py",
    ]
    assert text(jupytext.read(folder / "page.py")) == text(nbformat.read(folder / "page.ipynb", as_version=4))
    for_learners, for_teacher = graded(book, book / "_build", 7)
    assert "seed = 7" in (for_learners / "page.py").read_text() and "42" not in (for_learners / "page.py").read_text()
    assert "seed = 7" in (for_teacher / "page.py").read_text() and "42" in (for_teacher / "page.py").read_text()
    said = capsys.readouterr().out
    assert "Exercise 1 · Write · 5 minutes: the same for every seed" in said
    assert "plain: has no seed, every answer is the same" in said


@pytest.mark.parametrize("seed", [-1, 1.5])
def test_no_edition_has_a_seed_that_pages_refuse(book, seed):
    with pytest.raises(InputError, match="seed: given"):
        graded(book, book / "_build", seed)


def test_what_rests_on_the_seed_is_told_from_what_does_not():
    cells = [
        "seed = 0\nn = 10",
        "page = settings.resolve(PRESETS, preset, seed=seed, n=n)",
        "system = page.n * 2\ntruth = draw(page)\ntrainer = Trainer()",
        "trainer.train(truth)",
        "def judged(x):\n    return x + truth\n\ncheck(judge, judged)",
        "truth.mean()\ncheck(judge, [truth for truth in range(system)])",
        "check(judge, trainer.loss)",
        "own = page.copy()\nown.n",
        "error = {}\nerror['a'] = truth",
        "check(judge, error)",
        "check(judge, page.seed)",
        "check(judge, page.n)",
        "def early():\n    return late\n\ncheck(judge, early)",
        "late = truth",
    ]
    assert may_change_with("seed", cells)[4:] == [True, False, True, True, True, True, True, False, True, True]


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_no_cell_of_a_learners_edition_needs_what_a_solution_computes(path):
    page = nbformat.read(path, as_version=4)
    edition = [cell.source for cell in for_class(page).cells if cell.cell_type == "code"]
    solved = "\n".join(cell.source for cell in page.cells if cell.cell_type == "code" and has_tag(cell, "solution"))
    assert names_read("\n".join(edition)) & names_written(solved) - names_written("\n".join(edition)) == set()


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_every_lesson_with_a_seed_takes_another_and_tells_its_exercises(path):
    page = nbformat.read(path, as_version=4)
    (cell,) = [cell for cell in page.cells if has_tag(cell, "parameters")]
    assert set_parameter(page, "seed", 7) == ("seed" in assigned(cell.source))
    assert assigned(cell.source).get("seed", assigned("seed = 7")["seed"]).default == "7"
    told = answers(page)
    solved = [name for cell, name, _ in exercises(page) if has_tag(cell, "solution")]
    assert len(set(solved)) == len(told), "two exercises with one title"


GRADE = """
import sys
from pathlib import Path
from editions import execute, grade, graded
root, folder = map(Path, sys.argv[1:])
grade(root, root / '_build', folder, 2)
_, for_teacher = graded(root, root / '_build', 7)
assert execute(root, root / '_build', for_teacher, 2)
"""


def test_handed_in_notebooks_are_judged_and_a_broken_one_stops_no_other_and_answers_run(book, page):
    handed_in = book / "handed in"
    for name, answer in {"ada": "2", "ben": "...", "cleo": "1 / 0"}.items():
        own = for_learners(page, book)
        own.cells[4].source = own.cells[4].source.replace("...", answer)
        own.metadata.kernelspec = {"name": "a-conda-of-hers", "display_name": "hers"}
        (handed_in / name).mkdir(parents=True)
        nbformat.write(own, handed_in / name / "page.ipynb")
    (handed_in / "dora.ipynb").write_text("no notebook")
    # In a process of its own: Jupyter's client leaves its event loops for the process's end.
    command = [sys.executable, "-c", GRADE, book, handed_in]
    done = subprocess.run(command, cwd=ROOT / "book", capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    with (book / "_build" / "grades.csv").open() as file:
        rows = {(row["notebook"], row["exercise"]): (row["verdict"], row["said"]) for row in csv.DictReader(file)}
    assert rows == {
        ("ada/page.ipynb", "exercise-page-one"): ("right", "Right. Two."),
        ("ben/page.ipynb", "exercise-page-one"): ("not yet", "Not yet. Look again."),
        ("cleo/page.ipynb", "exercise-page-one"): ("no verdict", ""),
        ("cleo/page.ipynb", ""): ("failed", "ZeroDivisionError: division by zero"),
        ("dora.ipynb", ""): ("failed", "no notebook: NotJSONError"),
    }
    assert "ada/page.ipynb: 1 right" in done.stdout
    assert "ben/page.ipynb" in done.stdout.split("_build")[0], "a line as each ends"
    answered = nbformat.read(book / "_build" / "graded-7-answers" / "page.ipynb", as_version=4)
    said = [output.text for cell in answered.cells for output in cell.get("outputs", []) if "text" in output]
    assert said == ["Not yet. Look again.\n", "Right. Two.\n"], "run on demand, the answers show what they give"


def test_an_empty_folder_is_refused_in_words(book, capsys):
    (book / "empty").mkdir()
    assert main(["--root", str(book), "grade", str(book / "empty")]) == 2
    assert "expected a folder with notebooks" in capsys.readouterr().err
