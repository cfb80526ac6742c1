"""Observing networks of ten instruments on Lorenz-96, scored on truths that they cannot know."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import pandas as pd
import torch
from torch import Tensor

from sparseobs import randomness
from sparseobs.errors import InputError, require_choice, require_number, require_whole_numbers
from sparseobs.filtering.amenf import AmEnF
from sparseobs.filtering.amens import AmEnS
from sparseobs.filtering.cycle import FilterState
from sparseobs.filtering.fixed_lag import FixedLagSettings
from sparseobs.filtering.letkf import LETKFSettings, letkf
from sparseobs.filtering.run import FilterRun, follow
from sparseobs.observing.patterns import EveryKth, Pattern
from sparseobs.observing.twin_experiment import Observations, TwinExperiment, simulate
from sparseobs.randomness import torch_stream
from sparseobs.scores.ensemble import ensemble_crps, ensemble_spread, spatial_rmse
from sparseobs_book.trained_filters.experiments import climate_ensemble
from sparseobs_book.trained_filters.lorenz96 import SYSTEM, run_filter, scores
from sparseobs_book.trained_filters.stored import stored_filter, stored_smoother
from sparseobs_book.trained_filters.tuning import tuned

BUDGET = 10  # instruments that may look at once
MEMBERS = 20  # of every filter
MOST_ROWS = 1000  # of a list of sites
LARGEST_LAG = 8  # cycles; each costs a forecast of all members
TUNED = {"LETKF": LETKFSettings, "fixed-lag smoother": FixedLagSettings}
STORED = {"AmEnF": stored_filter, "AmEnS": stored_smoother}  # taught every fourth site, rotating forwards
FILTERS = (*TUNED, *STORED)
Filter = LETKFSettings | FixedLagSettings | AmEnF | AmEnS


@dataclass(frozen=True)
class Contest:
    """What every network is scored on.

    Args:
        seed: decides truths, noise and first members.
        obs_error_std: observation noise, state units; one that the filters are stored for.
        n_truths: independent truths, at least 2.
        n_cycles: cycles scored on each.
        burn_in: cycles before them, in which a filter finds the truth.
    """

    seed: int = 0
    obs_error_std: float = 1.0
    n_truths: int = 8
    n_cycles: int = 150
    burn_in: int = 50

    def __post_init__(self) -> None:
        require_whole_numbers(self, seed=0, n_truths=2, n_cycles=2, burn_in=0)
        require_number("obs_error_std", self.obs_error_std, above=0)
        tuned("lorenz96", "LETKF", self.obs_error_std, MEMBERS)

    def hidden(self, seed: int) -> "Contest":
        """Return the contest on other truths, which no practice seed draws."""
        return replace(self, seed=randomness.stream_seed(seed, "hidden truths of a contest"))

    @property
    def stream(self) -> int:
        """The seed of truths, noise, first members and what a filter draws: no other page's, nor a training's."""
        return randomness.stream_seed(self.seed, "contest")


PRESETS = {
    "smoke": Contest(n_truths=2, n_cycles=10, burn_in=6),
    "lesson": Contest(),
    "paper": Contest(n_truths=40, n_cycles=1000, burn_in=100),
}


@dataclass(frozen=True)
class ListedSites:
    """A network given as a list: row r says which sites are seen at cycle r, and after the last row the first follows.

    Args:
        rows: sites of each row, whole numbers from 0 to 39, none twice; at most `BUDGET` a row.
    """

    rows: tuple[tuple[int, ...], ...]

    def __post_init__(self) -> None:
        rows = self.rows
        if not isinstance(rows, (list, tuple)) or not 1 <= len(rows) <= MOST_ROWS:
            given = f"{len(rows)} rows" if isinstance(rows, (list, tuple)) else rows
            raise InputError("sites", given, f"a list of 1 to {MOST_ROWS} rows", "[[0, 4, 8]] for three fixed sites")
        for number, row in enumerate(rows):
            _require_row(number, row)
        object.__setattr__(self, "rows", tuple(map(tuple, rows)))

    @classmethod
    def of(cls, mask: Tensor) -> "ListedSites":
        """Return the network of a mask (cycle, site), true where a site is seen."""
        return cls(tuple(tuple(row.nonzero()[:, 0].tolist()) for row in torch.as_tensor(mask)))

    def mask(self, n_cycles: int, n_sites: int) -> Tensor:
        """Return (cycle, site), true where a site is seen."""
        mask = torch.zeros(n_cycles, n_sites, dtype=torch.bool)
        for cycle in range(n_cycles):
            mask[cycle, list(self.rows[cycle % len(self.rows)])] = True
        return mask


def _require_row(number: int, row: object) -> None:
    """Raise `InputError` unless a row is a list of different sites within the budget."""
    name, sites = f"row {number} of sites", SYSTEM.n_sites
    if not isinstance(row, (list, tuple)):
        raise InputError(name, row, "a list of site numbers", f"sites=[{row!r}]")
    if len(row) > BUDGET:
        raise InputError(name, f"{len(row)} sites", f"at most {BUDGET}, the budget of a cycle", "fewer instruments")
    for site in row:
        require_number(name, site, least=0, most=sites - 1, whole=True)
    if len(set(row)) < len(row):
        twice = next(site for site in row if row.count(site) > 1)
        raise InputError(name, f"site {twice} twice", "different sites", "each site once")


def filter_of(name: str, settings: dict | None = None, obs_error_std: float = 1.0) -> Filter:
    """Return a filter of the contest.

    Args:
        name: of `FILTERS`. The stored networks were taught one pattern, and run with any.
        settings: numbers of LETKF or the smoother that replace those tuned for every fourth site, rotating.
        obs_error_std: the noise that it is made for.

    Raises:
        InputError: there is no such filter or setting, or a setting is out of range.
    """
    require_choice("filter", name, FILTERS)
    settings = {} if settings is None else settings
    if not isinstance(settings, dict):
        raise InputError("settings", settings, "names and numbers", '{"inflation": 1.05}')
    if name in STORED:
        if settings:
            raise InputError("settings", ", ".join(settings), f"none: {name} is stored as it is", "settings={}")
        return STORED[name]("lorenz96", obs_error_std).network
    start = tuned("lorenz96", name, obs_error_std, MEMBERS)
    for setting, value in settings.items():
        require_choice("settings", setting, vars(start))
        if isinstance(vars(start)[setting], bool):
            _require_bool(setting, value)
        elif setting != "lag":
            require_number(setting, value)
    if "lag" in settings:
        require_number("lag", settings["lag"], least=0, most=LARGEST_LAG, whole=True)
    return replace(start, **settings)


def _require_bool(name: str, value: object) -> None:
    if not isinstance(value, bool):
        raise InputError(name, value, "true or false", f"{name}=False")


def observe(contest: Contest, network: Pattern) -> TwinExperiment:
    """Return the truths and what a network shows of them; truths and noise are the same for all networks."""
    return simulate(
        SYSTEM,
        network,
        n_cycles=contest.burn_in + contest.n_cycles,
        batch=contest.n_truths,
        obs_error_std=contest.obs_error_std,
        seed=contest.stream,
    )


def first_members(contest: Contest) -> Tensor:
    """Return what every filter begins with, members of the climate: (truth, member, variable, site)."""
    return climate_ensemble(SYSTEM, (contest.n_truths, MEMBERS), contest.stream)


def score(contest: Contest, network: Pattern, filter_: Filter) -> pd.DataFrame:
    """Return a row a truth: truth, crps, rmse and spread in state units, and whether the truth was lost.

    Where the states ceased to be finite, the scores are those of the first members, who know the climate alone.
    """
    trial = observe(contest, network)
    run = run_filter(filter_, trial.observations, first_members(contest), contest.stream)
    return scored(contest, run, trial)


def scored(contest: Contest, run: FilterRun, trial: TwinExperiment) -> pd.DataFrame:
    """Return the scores of a run, as `score` does."""
    table = scores(run, trial, contest.burn_in)[["truth", "crps", "rmse", "spread", "lost"]]
    diverged = table["crps"].isna()
    if diverged.any():
        knowing_nothing = _scores_of_climate(contest, trial)
        names = list(knowing_nothing)
        table.loc[diverged, names] = knowing_nothing[diverged].astype(table[names].dtypes)
    return table


def _scores_of_climate(contest: Contest, trial: TwinExperiment) -> pd.DataFrame:
    truth = trial.truth[contest.burn_in :]
    members = first_members(contest).expand(len(truth), -1, -1, -1, -1)
    return pd.DataFrame(
        {
            "crps": ensemble_crps(members, truth).mean(0).numpy(),
            "rmse": spatial_rmse(members.mean(2), truth).mean(0).numpy(),
            "spread": ensemble_spread(members).mean(0).numpy(),
        }
    )


Place = Callable[[Tensor], Tensor]


def run_targeted(contest: Contest, place: Place, settings: LETKFSettings) -> tuple[pd.DataFrame, Tensor]:
    """Return LETKF's scores where the network follows the ensemble, and the masks (cycle, truth, site).

    Args:
        contest: the truths.
        place: from a truth's forecast members (member, site), where to look: (site,) of booleans.
        settings: of LETKF.

    Raises:
        InputError: more than `BUDGET` instruments are placed.
    """
    everywhere = observe(contest, EveryKth(1))
    masks = torch.zeros(len(everywhere.truth), contest.n_truths, SYSTEM.n_sites, dtype=torch.bool)
    stream = torch_stream(contest.stream, "rotations")

    def analysis(state: FilterState, cycle: int) -> FilterState:
        masks[cycle] = torch.stack([place(members[:, 0]) for members in state.forecast])
        if masks[cycle].sum(-1).max() > BUDGET:
            given = f"{int(masks[cycle].sum(-1).max())} instruments at cycle {cycle}"
            raise InputError("place", given, f"at most {BUDGET}", "the ten largest")
        values = everywhere.observations.values[cycle : cycle + 1]
        seen = Observations(values, masks[cycle : cycle + 1], contest.obs_error_std)
        return letkf(settings, seen, stream)(state, 0)

    ensemble = first_members(contest)
    run = follow(SYSTEM, FilterState(ensemble, ensemble[:, :, :0]), len(masks), analysis)
    return scored(contest, run, everywhere), masks


def sites_seen_within(mask: Tensor) -> int | None:
    """Return after how many cycles at most every site was seen, wherever in the mask one begins; None if one never is.

    Args:
        mask: (cycle, site), long enough that the answer fits into it more than once.
    """
    for length in range(1, len(mask) + 1):
        if mask.unfold(0, length, 1).any(-1).all():
            return length
    return None
