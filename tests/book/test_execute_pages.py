"""Pages run at the same time and know nothing of each other."""

import json
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

BOOK = Path(__file__).parents[2] / "book"
# In a process of its own: Jupyter's client leaves its event loops for the process's end.
RUN = """
import json, sys
from pathlib import Path
from execute_pages import Executor
folder, *names = map(Path, sys.argv[1:])
done = Executor(2, 600, folder / 'kernels.log').execute([folder / name for name in names])
text = lambda page: ''.join(output.get('text', '') for output in page.notebook.cells[0].outputs)
print(json.dumps({page.path.stem: [text(page), page.failure, page.seconds] for page in done}))
"""
MEET = """
import pathlib, time
folder = pathlib.Path('{folder}')
(folder / '{name}.here').touch()
deadline = time.monotonic() + 300
while not (folder / '{other}.here').exists():
    assert time.monotonic() < deadline, 'the other page never came'
    time.sleep(0.05)
print('{name} met {other}')
"""


@pytest.fixture
def execute(tmp_path):
    """Execute pages given as code by name, two at a time; return output, failure and seconds of each."""

    def run(**pages: str) -> dict[str, list]:
        for name, code in pages.items():
            cells = [nbformat.v4.new_code_cell(code)]
            nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / f"{name}.ipynb")
        command = [sys.executable, "-c", RUN, tmp_path, *(f"{name}.ipynb" for name in pages)]
        done = subprocess.run(command, cwd=BOOK, capture_output=True, text=True, timeout=600)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


def test_pages_run_side_by_side_and_each_keeps_its_own_outputs(execute, tmp_path):
    one = MEET.format(folder=tmp_path, name="one", other="two")
    done = execute(one=one, two=MEET.format(folder=tmp_path, name="two", other="one"))
    assert [done[name][:2] for name in ("one", "two")] == [["one met two\n", ""], ["two met one\n", ""]]
    assert all(seconds > 0 for _, _, seconds in done.values())


def test_a_page_that_raises_and_one_that_leaves_a_file_fail_and_no_other(execute):
    done = execute(bad="print('so far')\n1 / 0", untidy="open('left.txt', 'w').close()", good="print(6 * 7)")
    assert done["bad"][0] == "so far\n" and "ZeroDivisionError" in done["bad"][1]
    assert "left.txt" in done["untidy"][1]
    assert done["good"][:2] == ["42\n", ""]
    assert not (BOOK / "left.txt").exists()
