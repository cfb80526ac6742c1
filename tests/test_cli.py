import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from sparseobs.cli import main


def run(*arguments, **options):
    return CliRunner().invoke(main, list(arguments), **options)


@pytest.mark.parametrize("command", [["data", "fetch"], ["data", "check"], ["temperature", "run", "--source"]])
def test_unknown_source_is_reported_without_a_traceback(command):
    result = run(*command, "uk_irland")
    assert result.exit_code == 2
    assert "source" in result.output and "Try source='uk_ireland'" in result.output
    assert "Traceback" not in result.output


def test_check_says_what_is_missing(tmp_path, monkeypatch):
    monkeypatch.setenv("SPARSEOBS_DATA", str(tmp_path))
    result = run("data", "check", "uk_ireland")
    assert result.exit_code == 1
    assert result.output.count("missing") == 3
    assert run("data", "check", "twin").exit_code == 0


def every_command(command=main, words=()):
    """Yield the words of every command, groups included."""
    yield list(words)
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            yield from every_command(command.get_command(context, name), (*words, name))


COMMANDS = list(every_command())


def test_the_commands_named_on_pages_are_there():
    named = [["filters", "train"], ["filters", "tune"], ["chaos", "lyapunov"], ["grid", "run"], ["temperature", "run"]]
    assert len(COMMANDS) > 30 and all(words in COMMANDS for words in named)


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_explains_itself(words):
    result = run(*words, "--help")
    assert result.exit_code == 0 and len(result.output) > 60


def test_no_help_waits_for_a_library():
    """A line a command whose help loads torch, numpy or a plotting library: they take seconds."""
    script = (
        "import sys\n"
        "from click.testing import CliRunner\n"
        "from sparseobs.cli import main\n"
        f"for words in {COMMANDS}:\n"
        "    CliRunner().invoke(main, [*words, '--help'])\n"
        "    for heavy in {'torch', 'numpy', 'pandas', 'matplotlib', 'xarray'} & set(sys.modules):\n"
        "        sys.exit(f'{words} loads {heavy}')\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
