"""`python -m sparseobs laboratory ...`: the pre-trained networks that the pages on Gaussian processes begin with."""

from pathlib import Path

import click


@click.group()
def laboratory() -> None:
    """Gaussian processes on a line, where the best possible prediction is known."""


@laboratory.command("pretrain")
@click.option(
    "--gap", default="shrinking", show_default=True, help="whose simulator: shrinking, mixed, growing or noise"
)
@click.option("--preset", default="lesson", show_default=True, help="smoke, lesson or paper")
@click.option("--seed", default=0, show_default=True, help="of weights and tasks")
@click.option("--output", type=click.Path(path_type=Path), required=True, help="safetensors file to write")
def pretrain_command(output: Path, **choices: object) -> None:
    """Pre-train on a gap's simulator and store the network."""
    from sparseobs.runs.settings import resolve
    from sparseobs_book.laboratory.settings import PRESETS
    from sparseobs_book.laboratory.stored import save_pretrained

    preset = choices.pop("preset")
    save_pretrained(output, resolve(PRESETS, preset, **choices))
    click.echo(f"wrote {output}")
