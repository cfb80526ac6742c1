"""What an objective asks for: estimates pulled towards the observations, and noise that is not new."""

from collections.abc import Sequence

import pandas as pd
import torch

from sparseobs.errors import InputError, require_choice
from sparseobs.filtering.amenf import AmEnF
from sparseobs.observing.twin_experiment import Observations, TwinExperiment
from sparseobs.randomness import torch_stream
from sparseobs.scores.intervals import repeat_interval
from sparseobs_book.why_it_works.run import SYSTEM, Run, Theory, recorded_run, unseen_experiment
from sparseobs_book.why_it_works.terms import loss_terms

INSTRUMENTS = {"moving": 4, "standing": 1}  # stride: every fourth site, one further each cycle; or every site
TARGETS = ("next cycle", "two cycles on", "second instrument")


def pulled_losses(run: Run, weights: Sequence[float]) -> pd.DataFrame:
    """Return the objectives of analyses that are moved towards the observations they were given.

    One is the observation itself at every observed site, zero the analysis as it is; the other sites stay.

    Returns:
        Columns weight, objective (`analysis` or `forecast`), supervised, self_supervised: all at the observed sites of
        their own time, in units of the noise variance.
    """
    observations, rows = run.observations, []
    now, later = _cycles(observations, slice(None, -1)), _cycles(observations, slice(1, None))
    members, mask = run.members[:-1], now.mask[:, None, None, None]
    pull = torch.where(mask, now.values.to(members)[:, :, None] - members, 0)
    for weight in weights:
        analysis = members + weight * pull
        forecast = SYSTEM.schedule.forecast(SYSTEM, analysis).mean(2)
        for objective, estimate, truth, seen in (
            ("analysis", analysis.mean(2), run.truth[:-1], now),
            ("forecast", forecast, run.truth[1:], later),
        ):
            error, _, _, loss = (part.mean().item() for part in loss_terms(estimate, truth, seen).values())
            rows.append({"weight": weight, "objective": objective, "supervised": error, "self_supervised": loss})
    return pd.DataFrame(rows)


def smeared(experiment: TwinExperiment, instrument: str, seed: int) -> TwinExperiment:
    r"""Return the same truths seen by an instrument that still shows half of what was wrong with its last reading.

    .. math:: \varepsilon_t = \sigma (\eta_t + \eta_{t-1}) / \sqrt 2

    The noise has the usual variance; readings one cycle apart have correlation 1/2, those further apart none.

    Args:
        experiment: its noise is replaced.
        instrument: `moving` takes its error along from site to site, `standing` keeps it where it is.
        seed: decides the noise.
    """
    require_choice("instrument", instrument, INSTRUMENTS)
    truth, old = experiment.truth, experiment.observations
    where = old.mask[:, None, None].expand_as(truth)
    n_cycles, per_cycle = len(truth), int(old.mask[0].sum())
    if instrument == "standing" and not old.mask.all():
        raise InputError("instrument", instrument, "every site observed in every cycle", "stride=1")
    shape = (n_cycles + 1, *truth.shape[1:3], per_cycle)
    fresh = torch.randn(shape, generator=torch_stream(seed, "smeared noise"), dtype=truth.dtype)
    noise = (fresh[1:] + fresh[:-1]) / 2**0.5 * torch.tensor(old.error_stds, dtype=truth.dtype)[:, None]
    values = torch.zeros_like(truth).masked_scatter(where, noise) + truth * where
    return TwinExperiment(truth, Observations(values, old.mask, old.error_std))


def cross_terms(run: Run, instrument: str, seed: int) -> pd.DataFrame:
    """Return the forecast loss's cross term against each of `TARGETS`: instrument, target, mean, low, high.

    Args:
        run: a filter's run.
        instrument: what to call its instrument.
        seed: decides the noise of the second instrument, which sees the same sites.
    """
    observations, error_std = run.observations, torch.tensor(run.observations.error_stds, dtype=run.truth.dtype)
    own = torch.randn(run.truth.shape, generator=torch_stream(seed, "second instrument"), dtype=run.truth.dtype)
    second = Observations(run.truth + error_std[:, None] * own, observations.mask, observations.error_std)
    later = run.members
    for _ in range(2):
        later = SYSTEM.schedule.forecast(SYSTEM, later)
    cases = {
        TARGETS[0]: (run.forecast, run.truth, observations),
        TARGETS[1]: (later.mean(2)[:-2], run.truth[2:], _cycles(observations, slice(2, None))),
        TARGETS[2]: (run.forecast, run.truth, second),
    }
    rows = []
    for target, (estimate, truth, seen) in cases.items():
        terms = loss_terms(estimate, truth, seen)
        mean, low, high, _ = repeat_interval(terms["cross term"].mean(0).numpy())
        error = terms["true squared error"].mean().item()
        row = {"instrument": instrument, "target": target, "mean": mean, "low": low, "high": high}
        rows.append(row | {"true squared error": error})
    return pd.DataFrame(rows)


def broken_lemma(network: AmEnF, settings: Theory) -> pd.DataFrame:
    """Return the cross terms under smeared noise of both instruments, and what repairs them."""
    parts = []
    for instrument, stride in INSTRUMENTS.items():
        experiment = unseen_experiment(settings, settings.burn_in + settings.n_cycles, stride)
        experiment = smeared(experiment, instrument, settings.seed)
        parts.append(
            cross_terms(recorded_run(network, settings, experiment, settings.n_cycles), instrument, settings.seed)
        )
    return pd.concat(parts, ignore_index=True)


def _cycles(observations: Observations, chosen: slice) -> Observations:
    return Observations(observations.values[chosen], observations.mask[chosen], observations.error_std)


def skewed(experiment: TwinExperiment, seed: int, bias: float = 0.0) -> TwinExperiment:
    """Return the same truths seen with exponential, that is lopsided, independent noise of the usual variance.

    Args:
        experiment: its noise is replaced.
        seed: decides the noise.
        bias: mean of the noise, in standard deviations.
    """
    truth, old = experiment.truth, experiment.observations
    stream = torch_stream(seed, "skewed noise")
    noise = torch.empty_like(truth).exponential_(generator=stream) - 1 + bias
    values = truth + noise * torch.tensor(old.error_stds, dtype=truth.dtype)[:, None]
    return TwinExperiment(truth, Observations(values * old.mask[:, None, None], old.mask, old.error_std))
