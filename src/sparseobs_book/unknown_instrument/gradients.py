"""Where the gradient of an unknown instrument's network comes from, measured."""

from collections.abc import Sequence

import pandas as pd
import torch

from sparseobs.dynamics.integrate import Schedule
from sparseobs.errors import InputError
from sparseobs.filtering.amenf import draw
from sparseobs.filtering.cycle import first_state, predict
from sparseobs.filtering.unknown_training import TwoInstrumentWindow, two_instrument_loss
from sparseobs.filtering.unroll import Window
from sparseobs.randomness import torch_stream
from sparseobs_book.trained_filters.lorenz96 import SYSTEM
from sparseobs_book.unknown_instrument.comparison import run_amenf
from sparseobs_book.unknown_instrument.run import TrainedPair, UnknownInstrument, recorded


def gradients_by_wait(
    settings: UnknownInstrument, trained: TrainedPair, waits: Sequence[int], stream: int
) -> pd.DataFrame:
    """Return the loss and gradient when the channels are read once and a known observation follows `wait` cycles later.

    Args:
        settings: the experiment; its burn-in leads up to the one reading.
        trained: the filters.
        waits: odd numbers of cycles; 0 for no known observation at all.
        stream: of the truths.

    Returns:
        Columns wait; loss; gradient, its norm over the weights of the instrument's network.
    """
    if any(wait < 0 or (wait > 0 and wait % 2 == 0) for wait in waits):
        raise InputError("waits", tuple(waits), "odd numbers, when known observations come, or 0", "waits=(1, 3, 0)")
    reading = settings.burn_in // 2 * 2 + 1
    recording = recorded(settings, n_cycles=reading + max(waits) + 1, batch=settings.n_truths, stream=stream)
    both, seen = trained.both, recording.observations
    before = run_amenf(settings, recording, stream, both.known, both.unknown).members[reading - 1]
    state = predict(SYSTEM, SYSTEM.schedule, first_state(both.known, before))
    draws = draw(both.config, 1, before.shape[:2], before, torch_stream(stream, "dropout")).cycle(0)
    rows = []
    for wait in waits:
        cycles = [reading, reading + max(wait, 1)]
        mask = seen.mask[cycles] & (wait > 0)
        window = Window(seen.values[cycles].float(), mask, None)
        window = TwoInstrumentWindow(window, recording.channels[cycles].float(), (True, False))
        schedule = Schedule(SYSTEM.schedule.step, max(wait, 1) * SYSTEM.schedule.steps_per_cycle)
        both.zero_grad()
        loss, _ = two_instrument_loss(both, SYSTEM, schedule, state, window, [draws])
        loss.backward()
        norms = [one.grad.norm() for one in both.unknown.parameters() if one.grad is not None]
        rows.append({"wait": wait, "loss": loss.item(), "gradient": torch.stack(norms).norm().item()})
    both.zero_grad()
    return pd.DataFrame(rows)
