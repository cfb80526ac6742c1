"""`python -m sparseobs unknown-instrument ...`: make the stored filter of the page on unknown operators."""

from pathlib import Path

import click


@click.group("unknown-instrument")
def unknown_instrument() -> None:
    """Assimilate an instrument whose weights nobody knows."""


@unknown_instrument.command()
@click.option("--preset", default="lesson", show_default=True, help="smoke, lesson or paper")
@click.option("--n-training-steps", type=int, help="optimiser steps of each filter; the preset's by default")
@click.option("--output", type=click.Path(path_type=Path), default="unknown_instrument.safetensors", show_default=True)
def train(preset: str, n_training_steps: int | None, output: Path) -> None:
    """Train the filter with the instrument and the one without it; interrupt and repeat to resume."""
    import time

    from sparseobs.runs.settings import resolve
    from sparseobs_book.unknown_instrument.run import PRESETS, save_pair, train_pair

    start = time.process_time()
    progress = {name: output.with_suffix(f".{name}") for name in ("both.safetensors", "alone.safetensors")}

    def report(trainer: object) -> None:
        click.echo(f"{trainer.iteration} steps, loss {sum(trainer.losses[-100:]) / len(trainer.losses[-100:]):.3f}")

    trained = train_pair(resolve(PRESETS, preset, n_training_steps=n_training_steps), progress.get, report)
    save_pair(output, trained, time.process_time() - start)
    for path in progress.values():
        path.unlink(missing_ok=True)
    click.echo(f"Wrote {output}")
