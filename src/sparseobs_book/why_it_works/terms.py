"""The parts of a loss against noisy observations, of estimates and noises of several kinds [mccabe2021, lemma 1]."""

from collections.abc import Sequence

import pandas as pd
import torch
from torch import Tensor

from sparseobs.errors import InputError, require_choice
from sparseobs.filtering.amenf import AmEnF
from sparseobs.observing.twin_experiment import Observations, TwinExperiment
from sparseobs.randomness import torch_stream
from sparseobs.scores.intervals import repeat_interval
from sparseobs_book.why_it_works.run import SYSTEM, Run, Theory, recorded_run, unseen_experiment

TERMS = ("true squared error", "noise variance", "cross term", "self-supervised loss")  # the last is the others' sum
INSTRUMENTS = {"moving": 4, "standing": 1}  # stride: every fourth site, one further each cycle; or every site
TARGETS = ("next cycle", "two cycles on", "second instrument", "white noise instead")


def loss_terms(estimate: Tensor, truth: Tensor, observations: Observations) -> dict[str, Tensor]:
    r"""Return the parts of a self-supervised loss at the observed sites, each (cycle, batch), by `TERMS`.

    .. math:: \|\hat x - y\|^2 = \|\hat x - x\|^2 + \|y - x\|^2 - 2 (\hat x - x) \cdot (y - x)

    Args:
        estimate: (cycle, batch, variable, site), in any floating-point type.
        truth: the same shape.
        observations: of the same cycles, each seeing the same number of sites.

    Returns:
        Means over observed sites, in units of the noise variance.
    """
    shapes = {tuple(series.shape) for series in (estimate, truth, observations.values)}
    if len(shapes) > 1:
        raise InputError("estimate, truth, observations", sorted(shapes), "one shape", "the same cycles")
    counts = observations.mask.sum(1)
    if (counts != counts[0]).any() or not counts[0]:
        raise InputError("mask", counts.tolist(), "as many observed sites in every cycle", "EveryKth")
    unit = truth.new_tensor(observations.error_stds)[:, None]
    error, noise = (estimate.to(truth) - truth) / unit, (observations.values.to(truth) - truth) / unit
    seen = observations.mask[:, None, None] / (counts[0] * truth.shape[2])
    parts = (error.square(), noise.square(), -2 * error * noise, (error - noise).square())
    return {name: (seen * part).sum((-1, -2)) for name, part in zip(TERMS, parts, strict=True)}


def terms_of(run: Run) -> dict[str, dict[str, Tensor]]:
    """Return the loss terms of a run's forecasts and of its analyses."""
    estimates = {"forecast": run.forecast, "analysis": run.members.mean(2)}
    return {name: loss_terms(estimate, run.truth, run.observations) for name, estimate in estimates.items()}


def terms_table(terms: dict[str, dict[str, Tensor]]) -> pd.DataFrame:
    """Return a row an estimate and term: `mean`, `low`, `high` over independent truths, each a mean over its cycles."""
    rows = [
        (estimate, term, *repeat_interval(series.mean(0).numpy())[:3])
        for estimate, parts in terms.items()
        for term, series in parts.items()
    ]
    return pd.DataFrame(rows, columns=["estimate", "term", "mean", "low", "high"])


def standard_error(series: Tensor, length: int) -> float:
    """Return how much the mean of (cycle, batch) over `length` successive cycles scatters: its standard deviation."""
    windows = series[: len(series) // length * length].unflatten(0, (-1, length)).mean(1)
    if windows.numel() < 2:
        raise InputError("length", length, f"two windows within {len(series)} cycles", "a longer run")
    return windows.std().item()


def pulled_losses(run: Run, weights: Sequence[float]) -> pd.DataFrame:
    """Return the objectives of analyses that are moved towards the observations they were given.

    One is the observation itself at every observed site, zero the analysis as it is; the other sites stay.

    Returns:
        Columns weight, objective (`analysis` or `forecast`), supervised, self_supervised: all at the observed sites of
        their own time, in units of the noise variance.
    """
    whole, members, rows = TwinExperiment(run.truth, run.observations), run.members[:-1], []
    now, later = whole.part(slice(-1)), whole.part(slice(1, None))
    mask, values = now.observations.mask[:, None, None, None], now.observations.values.to(members)[:, :, None]
    pull = torch.where(mask, values - members, 0)
    for weight in weights:
        analysis = members + weight * pull
        forecast = SYSTEM.schedule.forecast(SYSTEM, analysis).mean(2)
        for objective, estimate, part in (("analysis", analysis.mean(2), now), ("forecast", forecast, later)):
            terms = loss_terms(estimate, part.truth, part.observations)
            error, _, _, loss = (each.mean().item() for each in terms.values())
            rows.append({"weight": weight, "objective": objective, "supervised": error, "self_supervised": loss})
    return pd.DataFrame(rows)


def skewed(experiment: TwinExperiment, seed: int, bias: float = 0.0) -> TwinExperiment:
    """Return the same truths seen with exponential, that is lopsided, noise of the usual variance and mean `bias`.

    Bias in standard deviations. The noise is independent from cycle to cycle.
    """
    noise = torch.empty_like(experiment.truth).exponential_(generator=torch_stream(seed, "skewed noise")) - 1 + bias
    return _with_noise(experiment, noise)


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
    truth, mask = experiment.truth, experiment.observations.mask
    if instrument == "standing" and not mask.all():
        raise InputError("instrument", instrument, "every site observed in every cycle", "stride=1")
    shape = (len(truth) + 1, *truth.shape[1:3], int(mask[0].sum()))
    fresh = torch.randn(shape, generator=torch_stream(seed, "smeared noise"), dtype=truth.dtype)
    where = mask[:, None, None].expand_as(truth)
    return _with_noise(experiment, torch.zeros_like(truth).masked_scatter(where, (fresh[1:] + fresh[:-1]) / 2**0.5))


def cross_terms(run: Run, white: Run, seed: int) -> dict[str, Tensor]:
    """Return the parts of the forecast loss against each of `TARGETS`.

    Args:
        run: a filter's run.
        white: that of the same filter on the same truths, whose noise is independent from cycle to cycle.
        seed: decides the noise of the second instrument, which sees the same sites.
    """
    observations = run.observations
    noise = torch.randn(run.truth.shape, generator=torch_stream(seed, "second instrument"), dtype=run.truth.dtype)
    whole = TwinExperiment(run.truth, observations)
    second, two_on = _with_noise(whole, noise).observations, whole.part(slice(2, None))
    later = run.members
    for _ in range(2):
        later = SYSTEM.schedule.forecast(SYSTEM, later)
    cases = (
        (run.forecast, run.truth, observations),
        (later.mean(2)[:-2], two_on.truth, two_on.observations),
        (run.forecast, run.truth, second),
        (white.forecast, white.truth, white.observations),
    )
    return {target: loss_terms(*case) for target, case in zip(TARGETS, cases, strict=True)}


def broken_lemma(network: AmEnF, settings: Theory) -> pd.DataFrame:
    """Return a row an instrument and target: mean, low, high of the cross term under smeared noise."""
    parts = []
    for instrument, stride in INSTRUMENTS.items():
        white = unseen_experiment(settings, settings.burn_in + settings.n_cycles, stride)
        both = (smeared(white, instrument, settings.seed), white)
        run, usual = (recorded_run(network, settings, one, settings.n_cycles) for one in both)
        table = terms_table(cross_terms(run, usual, settings.seed)).query("term == 'cross term'")
        parts.append(table.rename(columns={"estimate": "target"}).assign(instrument=instrument))
    return pd.concat(parts, ignore_index=True)[["instrument", "target", "mean", "low", "high"]]


def _with_noise(experiment: TwinExperiment, noise: Tensor) -> TwinExperiment:
    """Return the truths seen with other noise, in standard deviations (cycle, batch, variable, site)."""
    truth, old = experiment.truth, experiment.observations
    values = truth + noise * truth.new_tensor(old.error_stds)[:, None]
    return TwinExperiment(truth, Observations(values * old.mask[:, None, None], old.mask, old.error_std))
