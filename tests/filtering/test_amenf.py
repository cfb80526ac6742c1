import pytest
import torch

from sparseobs.errors import InputError
from sparseobs.filtering.amenf import AmEnF, AmEnFConfig, covariance_band, draw
from sparseobs.filtering.cycle import FilterState, analyse, first_state, predict
from sparseobs.filtering.run import assimilate
from sparseobs.observing.twin_experiment import Schedule
from sparseobs.scores.ensemble import spatial_rmse

from .small_filter import SYSTEM, ensemble, small_experiment, small_network


def analysis_of(network, state, cycle=0, values=None, mask=None, seed=0):
    observations = small_experiment().observations
    values = observations.values[cycle] if values is None else values
    mask = observations.mask[cycle] if mask is None else mask
    draws = draw(network.config, 1, state.forecast.shape[:2], state.forecast, torch.Generator().manual_seed(seed))
    return analyse(network, SYSTEM, state, values.to(state.forecast.dtype), mask, draws.cycle(0))


def test_covariance_band_holds_entries_of_the_covariance_matrix():
    members = ensemble(batch=1, members=6, dtype=torch.float64)
    matrix = torch.cov(members[0, :, 0].T)
    band = covariance_band(members - members.mean(1, keepdim=True), 5)[0]
    for channel, offset in enumerate(range(-2, 3)):
        for site in (0, 1, 20, 39):
            torch.testing.assert_close(band[channel, site], matrix[site, (site + offset) % 40])


def test_one_member_has_no_covariance():
    with pytest.raises(InputError, match="at least 2 members"):
        covariance_band(ensemble(members=1), 3)


def test_untrained_filter_hardly_changes_the_forecast():
    """The first weights keep the state: training starts from a free run, not from noise."""
    state = first_state(small_network(trained=False), ensemble())
    moved = analysis_of(small_network(trained=False), state).forecast - state.forecast
    assert moved.abs().max() < 0.06 * (state.forecast - 2.3).abs().max()


def test_values_where_nobody_looked_have_no_influence():
    network, state = small_network(), first_state(small_network(), ensemble())
    observations = small_experiment().observations
    values = observations.values[0].clone()
    values[..., ~observations.mask[0]] = 1e3
    torch.testing.assert_close(analysis_of(network, state), analysis_of(network, state, values=values))


@pytest.mark.parametrize("turn", [4, 9])
def test_translation_equivariance(turn):
    network = small_network(dropout=0)
    members, observations = ensemble(), small_experiment().observations
    plain = analysis_of(network, first_state(network, members))
    turned = analysis_of(
        network,
        first_state(network, members.roll(turn, -1)),
        values=observations.values[0].roll(turn, -1),
        mask=observations.mask[0].roll(turn, -1),
    )
    torch.testing.assert_close(turned.forecast, plain.forecast.roll(turn, -1), rtol=1e-4, atol=1e-4)


def test_members_are_exchangeable_when_everything_is_observed():
    network, members = small_network(dropout=0), ensemble()
    observations = small_experiment(stride=1).observations
    arguments = {"values": observations.values[0], "mask": observations.mask[0]}
    order = torch.tensor([3, 0, 4, 1, 2])
    plain = analysis_of(network, first_state(network, members), **arguments)
    shuffled = analysis_of(network, first_state(network, members[:, order]), **arguments)
    torch.testing.assert_close(shuffled.forecast, plain.forecast[:, order], rtol=1e-4, atol=1e-4)


def test_dropout_differs_between_members_and_is_on_in_evaluation_mode():
    network = small_network(dropout=0.5).eval()
    equal = ensemble()[:, :1].expand(-1, 5, -1, -1).clone()
    analysis = analysis_of(network, first_state(network, equal)).forecast
    assert analysis.std(1).max() > 1e-3
    without = small_network(dropout=0).eval()
    assert analysis_of(without, first_state(without, equal)).forecast.std(1).max() < 1e-4


def test_gradient_through_the_simulator_by_finite_differences():
    """The loss two cycles later, as a function of one weight; all sites seen, for fillings carry no gradient."""
    network = small_network(dropout=0, dtype=torch.float64)
    members = ensemble(batch=1, members=3, dtype=torch.float64)
    weight = network.readout.bias

    def loss():
        state = FilterState(*first_state(network, members))
        for cycle in range(2):
            one = small_experiment(batch=1, stride=1).observations
            analysis = analysis_of(network, state, values=one.values[cycle], mask=one.mask[cycle])
            state = predict(SYSTEM, Schedule(), analysis)
        return state.forecast.mean(1).square().mean()

    (gradient,) = torch.autograd.grad(loss(), weight)
    for index in (0, 3, 8):
        with torch.no_grad():
            step = 1e-5
            weight[index] += step
            above = loss()
            weight[index] -= 2 * step
            below = loss()
            weight[index] += step
        assert ((above - below) / (2 * step)).item() == pytest.approx(gradient[index].item(), rel=1e-4)


def test_paper_size_has_the_authors_count_of_weights():
    """90,894 weights of the authors' Lorenz-96 network, at 64 filters and 13 input channels."""
    assert sum(parameter.numel() for parameter in AmEnF(AmEnFConfig()).parameters()) == 90_894


def test_run_is_reproducible_and_bounded_even_from_random_weights():
    experiment, network = small_experiment(n_cycles=30), small_network()
    runs = [
        assimilate(network, SYSTEM, experiment.observations, ensemble(), torch.Generator().manual_seed(1))
        for _ in range(2)
    ]
    assert torch.equal(runs[0].mean, runs[1].mean)
    assert torch.isfinite(runs[0].mean).all()
    assert runs[0].mean.abs().max() < 2.3 + 6 * 3.6 + 1e-3
    assert spatial_rmse(runs[0].mean.double(), experiment.truth).shape == (30, 2)


def test_refuses_observations_with_nan():
    experiment = small_experiment()
    experiment.observations.values[3, 0, 0, 3] = torch.nan  # where it looked
    with pytest.raises(InputError, match="finite"):
        assimilate(small_network(), SYSTEM, experiment.observations, ensemble(), torch.Generator())


@pytest.mark.parametrize(
    "arguments",
    [
        {"kernel": 4},
        {"covariance_width": 2},
        {"filters": 0},
        {"dropout": 1.0},
        {"obs_error_std": (-1.0,)},
        {"climate_std": 3.6},
        {"obs_error_std": (1.0, 1.0)},
        {"filling": "ones"},
    ],
)
def test_bad_configuration(arguments):
    with pytest.raises(InputError, match="expected"):
        AmEnFConfig(**arguments)
