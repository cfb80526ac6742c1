"""What every filter does alike: our own, the learned ones and DAPPER's, given what a script of one's own may give."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from sparseobs.dynamics.climate import attractor_states, climatological_ensemble
from sparseobs.dynamics.lorenz96 import Lorenz96
from sparseobs.errors import InputError
from sparseobs.filtering.amenf import AmEnF, AmEnFConfig
from sparseobs.filtering.amens import AmEnS, AmEnSConfig
from sparseobs.filtering.baselines import dapper_method, latest_observations
from sparseobs.filtering.cycle import FilterState
from sparseobs.filtering.dapper_bridge import run_dapper
from sparseobs.filtering.fixed_lag import FixedLagSettings
from sparseobs.filtering.fixed_lag_runs import fixed_lag_cycles
from sparseobs.filtering.ienks import TransformSettings, enkf_cycles, ienks_cycles
from sparseobs.filtering.letkf import LETKFSettings, letkf, letkf_cycles
from sparseobs.filtering.run import assimilate, follow
from sparseobs.filtering.training import Trainer, TrainingConfig
from sparseobs.filtering.var4d import VariationalSettings, var4d_cycles
from sparseobs.observing.patterns import EveryKth, Outage
from sparseobs.observing.twin_experiment import Observations, TwinExperiment, simulate
from sparseobs.randomness import seeded_weights, torch_stream

SYSTEM = Lorenz96(n_sites=12)
SCALES = {"climate_mean": (2.3,), "climate_std": (3.6,), "tendency_std": (19.0,), "obs_error_std": (1.0,)}
LOCAL, GLOBAL = LETKFSettings(1.05, 2.0), TransformSettings(1.05)


def several(cycles, settings):
    """Of a filter for many settings at once, the run with one."""
    return lambda twin, members: torch.stack(
        [one.mean[0] for one in cycles([settings], SYSTEM, twin.observations, members)]
    )


def network(kind):
    with seeded_weights(0):
        if kind is AmEnF:
            return AmEnF(AmEnFConfig(filters=4, dropout=0.0, filling="zeros", **SCALES))
        return AmEnS(AmEnSConfig(filters=4, lags=(1,), growth=2, **SCALES))


def learned(kind):
    """Of a learned filter with random weights, the run."""
    made, weights = network(kind), torch.Generator().manual_seed(3)
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.add_(0.1 * torch.randn(parameter.shape, generator=weights))
    return lambda twin, members: assimilate(made, SYSTEM, twin.observations, members, torch.Generator()).mean


def followed(twin, members):
    members = torch.as_tensor(members).double()
    first = FilterState(members, torch.zeros(len(members), 1, 0, 1))
    return follow(SYSTEM, first, twin.observations.n_cycles, letkf(LOCAL, twin.observations, torch.Generator())).mean


def dapper(name, settings):
    def run(twin, members):
        return run_dapper(dapper_method(name, SYSTEM, len(members[0]), settings), SYSTEM, twin, members, seed=1).mean

    return run


OURS = {
    "LETKF": several(letkf_cycles, LOCAL),
    "LETKF followed": followed,
    "EnKF": several(enkf_cycles, GLOBAL),
    "iEnKS": several(ienks_cycles, GLOBAL),
    "4D-Var": several(var4d_cycles, VariationalSettings()),
    "fixed lag": several(fixed_lag_cycles, FixedLagSettings(lag=1, radius=2.0, growth=2)),
    "AmEnF": learned(AmEnF),
    "AmEnS": learned(AmEnS),
}
DAPPERS = {
    "DAPPER LETKF": dapper("LETKF", LOCAL),
    "DAPPER EnKF": dapper("EnKF", GLOBAL),
    "DAPPER iEnKS": dapper("iEnKS", GLOBAL),
    "DAPPER 4D-Var": dapper("4D-Var", VariationalSettings()),
}
FILTERS = OURS | DAPPERS
every_filter = pytest.mark.parametrize("run", FILTERS.values(), ids=FILTERS)


def experiment(pattern=None):
    return simulate(SYSTEM, pattern or EveryKth(2), n_cycles=4, batch=2, obs_error_std=1.0, seed=0)


def members(batch=2, count=4, system=SYSTEM):
    stream = torch_stream(0, "members")
    return climatological_ensemble(attractor_states(system, 8, stream), (batch, count), stream)


def not_alike():
    """The second truth is seen at other sites than the first; in one cycle nobody sees it."""
    twin = experiment(EveryKth(1))
    mask = torch.zeros(4, 2, 12, dtype=torch.bool)
    mask[:, 0, ::2], mask[:, 1, 1::3] = True, True
    return TwinExperiment(twin.truth, replace(twin.observations, mask=mask))


@every_filter
def test_any_floating_point_type_and_numpy_are_taken(run):
    twin = experiment()
    expected = run(twin, members())
    assert torch.equal(run(twin, members().numpy()), expected)
    single = run(twin, members().float().numpy())  # ten iterations of the iEnKS make 1e-2 of its rounding
    torch.testing.assert_close(single.double(), expected.double(), rtol=0, atol=2e-2)


@every_filter
def test_whole_numbers_are_numbers(run):
    whole = members().round()
    assert torch.equal(run(experiment(), whole.long()), run(experiment(), whole))


@every_filter
@pytest.mark.parametrize(
    "given",
    [
        members(batch=3),
        members(batch=1),
        members(system=Lorenz96(n_sites=16)),
        members()[0],
        members() * torch.nan,
    ],
    ids=["three truths", "one truth", "sixteen sites", "no batch", "NaN"],
)
def test_an_ensemble_that_does_not_fit_is_refused_in_words(run, given):
    with pytest.raises(InputError, match="ensemble"):
        run(experiment(), given)


@pytest.mark.parametrize("name", [name for name in FILTERS if name != "DAPPER 4D-Var"])
def test_one_member_is_refused_and_two_are_enough(name):
    with pytest.raises(InputError, match="member"):
        FILTERS[name](experiment(), members(count=1))
    assert torch.isfinite(FILTERS[name](experiment(), members(count=2))).all()


@every_filter
def test_nan_where_nobody_looked_changes_nothing(run):
    twin = experiment()
    seen = twin.observations
    values = seen.values.masked_fill(~seen.mask[:, None, None], torch.nan)
    unseen = TwinExperiment(twin.truth, Observations(values.numpy(), seen.mask.numpy(), np.float32(1.0)))
    assert torch.equal(run(unseen, members()), run(twin, members()))


@pytest.mark.parametrize("run", OURS.values(), ids=OURS)
@pytest.mark.parametrize("first", [0, 2])
def test_a_cycle_without_observations_gives_numbers(run, first):
    found = run(experiment(Outage(EveryKth(2), first, 2)), members())
    assert torch.isfinite(found).all()


@pytest.mark.parametrize("run", DAPPERS.values(), ids=DAPPERS)
def test_dapper_refuses_a_cycle_without_observations(run):
    with pytest.raises(InputError, match="cycle 2"):
        run(experiment(Outage(EveryKth(2), 2, 1)), members())


@every_filter
def test_trajectories_that_are_not_seen_alike_are_as_each_alone(run):
    twin = not_alike()
    alone = [
        run(TwinExperiment(twin.truth[:, [index]], seen), members()[[index]])
        for index, seen in enumerate(twin.observations.trajectories())
    ]
    torch.testing.assert_close(run(twin, members()), torch.cat(alone, 1), rtol=1e-4, atol=1e-4)


def test_a_part_and_the_latest_of_masks_of_their_own():
    twin = not_alike()
    assert torch.equal(twin.part(slice(2), slice(1, 2)).observations.mask, twin.observations.mask[:2, 1:])
    latest = latest_observations(twin.observations, 7.0)
    assert (latest[:, 0, 0, 1::2] == 7).all() and torch.equal(latest[:, 1, 0, 1], twin.observations.values[:, 1, 0, 1])


CONFIG = TrainingConfig(rounds=(2,), batch=2, ensemble_size=3, first_unroll=2, last_unroll=2, warm_up=1)


def trained(kind, observations, **options):
    made = network(kind)
    run = Trainer(made, SYSTEM, observations, replace(CONFIG, **options))
    return run.step(), torch.cat([parameter.flatten() for parameter in made.parameters()])


@pytest.mark.parametrize("kind", [AmEnF, AmEnS])
@pytest.mark.parametrize("options", [{}, {"objective": "likelihood", "largest_misfit": 12.0}], ids=str)
def test_nan_where_nobody_looked_reaches_no_weight(kind, options):
    seen = experiment().observations
    unseen = replace(seen, values=seen.values.masked_fill(~seen.mask[:, None, None], torch.nan))
    (loss, weights), (expected, as_usual) = trained(kind, unseen, **options), trained(kind, seen, **options)
    assert loss == expected and torch.equal(weights, as_usual)


@pytest.mark.parametrize("kind", [AmEnF, AmEnS])
@pytest.mark.parametrize("options", [{}, {"objective": "likelihood", "largest_misfit": 12.0}], ids=str)
def test_training_on_equal_masks_of_each_stream_is_training_on_one(kind, options):
    seen = experiment().observations
    each = replace(seen, mask=seen.mask[:, None].expand(-1, 2, -1))
    found, expected = trained(kind, each, **options), trained(kind, seen, **options)
    assert found[0] == pytest.approx(expected[0], rel=1e-5)
    torch.testing.assert_close(found[1], expected[1], rtol=1e-3, atol=1e-3)


def test_training_judges_each_stream_where_it_is_seen():
    """A value that is not seen in one stream but in the other changes nothing where it is not seen."""
    seen = not_alike().observations
    values = seen.values.clone()
    values[:, 0, :, 1] += 100
    (loss, _), (expected, _) = (trained(AmEnF, replace(seen, values=given)) for given in (values, seen.values))
    assert loss == expected
    values[:, 1, :, 1] += 100
    assert trained(AmEnF, replace(seen, values=values))[0] > 2 * expected


@pytest.mark.parametrize("kind", [AmEnF, AmEnS])
def test_a_ring_narrower_than_the_kernel_is_refused_in_words(kind):
    system = Lorenz96(n_sites=4)
    twin = simulate(system, EveryKth(2), n_cycles=3, batch=1, obs_error_std=1.0, seed=0)
    wide = kind(replace(network(kind).config, kernel=7))
    with pytest.raises(InputError, match="kernel=5"):
        assimilate(wide, system, twin.observations, members(1, 3, system), torch.Generator())
    fits = kind(replace(network(kind).config, kernel=5))
    run = assimilate(fits, system, twin.observations, members(1, 3, system), torch.Generator())
    assert torch.isfinite(run.mean).all()


def test_training_refuses_observations_of_another_system():
    with pytest.raises(InputError, match="observations of this system"):
        Trainer(network(AmEnF), Lorenz96(n_sites=16), experiment().observations, CONFIG)


def test_training_refuses_a_truth_with_nan():
    twin = experiment()
    config = replace(CONFIG, objective="supervised_analysis")
    with pytest.raises(InputError, match="truth"):
        Trainer(network(AmEnF), SYSTEM, twin.observations, config, truth=twin.truth * torch.nan)
