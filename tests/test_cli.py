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


def test_every_command_explains_itself():
    for name, command in main.commands.items():
        for sub in [[], *([part] for part in command.commands)]:
            result = run(name, *sub, "--help")
            assert result.exit_code == 0 and len(result.output) > 60
