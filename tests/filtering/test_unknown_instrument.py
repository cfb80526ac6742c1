"""An unknown instrument: what its network may read, and where its gradient comes from."""

from dataclasses import asdict, replace

import pytest
import torch

from sparseobs.errors import InputError
from sparseobs.filtering.amenf import draw
from sparseobs.filtering.cycle import first_state
from sparseobs.filtering.objectives import Window, unrolled_loss
from sparseobs.filtering.training import TrainingConfig
from sparseobs.filtering.unknown_instrument import STRETCH, InstrumentConfig, InstrumentNetwork, TwoInstrumentFilter
from sparseobs.filtering.unknown_training import TwoInstrumentTrainer, TwoInstrumentWindow
from sparseobs.observing.patterns import EveryKth
from sparseobs.observing.twin_experiment import simulate
from sparseobs.observing.unknown import EveryOtherCycle, RandomProjection
from sparseobs.randomness import torch_stream

from .small_filter import SYSTEM, ensemble, small_network

CHANNELS = 6
CONFIG = TrainingConfig(rounds=(6,), batch=3, ensemble_size=2, first_unroll=2, last_unroll=4, warm_up=2)


def experiment(n_cycles=12, batch=4):
    made = simulate(SYSTEM, EveryOtherCycle(EveryKth(4)), n_cycles=n_cycles, batch=batch, obs_error_std=1.0, seed=0)
    return made, RandomProjection(CHANNELS).observe(made.truth, 0.5, seed=0)


def two_networks(channels, *, moved=True):
    """Both networks with random weights; unless `moved`, the maps between channels and sites stand at their start."""
    known = small_network()
    unknown = InstrumentNetwork(InstrumentConfig(**asdict(known.config), n_channels=CHANNELS), channels)
    unknown.load_state_dict(known.state_dict(), strict=False)
    if moved:
        for layer in (unknown.operator, unknown.spreading):
            torch.nn.init.normal_(layer.weight, std=0.01, generator=torch.Generator().manual_seed(1))
    return TwoInstrumentFilter(known, unknown)


def loss_from(first, n_cycles, *, change=lambda window: window, moved=True):
    """The loss over `n_cycles` cycles from `first` (even: known observations, odd: channels), and the networks."""
    made, channels = experiment(batch=2)
    network, members = two_networks(channels, moved=moved), ensemble()
    cycles = slice(first, first + n_cycles + 1)
    known = Window(made.observations.values[cycles].float(), made.observations.mask[cycles], None)
    window = TwoInstrumentWindow(known, channels[cycles].float(), tuple(~known.mask.any(1)))
    draws = draw(network.config, n_cycles, members.shape[:2], members, torch_stream(0, "dropout"))
    cycle_draws = [draws.cycle(index) for index in range(n_cycles)]
    state = first_state(network.known, members)
    loss, _ = unrolled_loss(network, SYSTEM, SYSTEM.schedule, state, change(window), cycle_draws)
    return loss, network


def largest_gradient(module):
    return max(0.0 if one.grad is None else one.grad.abs().max().item() for one in module.parameters())


@pytest.mark.parametrize(
    "first, n_cycles, reached",
    [
        (1, 1, True),  # channels, then a known observation judges the forecast
        (0, 2, True),
        (1, 2, True),  # judged at once; what follows is not judged at all
        (0, 1, False),  # only the known observations' network has been at work
    ],
)
def test_gradient_comes_from_later_known_observations(first, n_cycles, reached):
    loss, network = loss_from(first, n_cycles)
    if loss.requires_grad:
        loss.backward()
    assert (largest_gradient(network.unknown) > 0) == reached


def test_no_gradient_when_no_known_observation_follows():
    """Nobody sees a site after the channels: the very cycles that gave a gradient above give none."""

    def blind(window):
        mask = window.known.mask.clone()
        mask[1:] = False
        return window._replace(known=window.known._replace(mask=mask))

    loss, network = loss_from(0, 4, change=blind)
    loss.backward()
    assert loss.item() == 0 and largest_gradient(network.unknown) == 0


def test_both_maps_learn_from_where_they_start():
    """At its start the spreading alone has a gradient; once it has moved, so has the operator."""
    loss, network = loss_from(1, 1, moved=False)
    loss.backward()
    gradients = [layer.weight.grad.abs().max() for layer in (network.unknown.spreading, network.unknown.operator)]
    assert gradients[0] > 0 and gradients[1] == 0
    loss, network = loss_from(1, 1)
    loss.backward()
    assert network.unknown.operator.weight.grad.abs().max() > 0


def test_the_loss_reads_known_observations_alone():
    """Channels at the time of the last target, and values where nobody looked, are not looked at."""

    def spoilt(window):
        values = torch.where(window.known.mask[:, None, None], window.known.values, torch.nan)
        channels = window.channels.clone()
        channels[-1] = torch.nan
        return window._replace(known=window.known._replace(values=values), channels=channels)

    assert torch.equal(loss_from(1, 3)[0], loss_from(1, 3, change=spoilt)[0])


def test_channels_matter_and_an_instrument_that_agrees_changes_nothing():
    made, channels = experiment(batch=2)
    unknown, members = two_networks(channels).unknown, ensemble()
    weights = RandomProjection(CHANNELS).weights(SYSTEM.n_sites).float()
    with torch.no_grad():  # the operator as it is, in the network's units
        scale = STRETCH * unknown.channel_std
        unknown.operator.weight.copy_(weights * unknown.climate_std / scale[:, None])
        unknown.operator.bias.copy_((weights.sum(1) * unknown.climate_mean[0, 0] - unknown.channel_mean) / scale)
    torch.testing.assert_close(unknown.learned_weights(), weights)
    mean = members.mean(1)
    agreeing = RandomProjection(CHANNELS).project(mean)
    torch.testing.assert_close(unknown.pseudo_observation(agreeing, members), mean, rtol=1e-4, atol=1e-4)
    assert (unknown.pseudo_observation(agreeing + 1, members) - mean).abs().max() > 0.1


def trainer(config=CONFIG):
    made, channels = experiment()
    return TwoInstrumentTrainer(two_networks(channels, moved=False), SYSTEM, made.observations, channels, config)


def weights_of(run):
    return torch.cat([parameter.flatten() for parameter in run.average.parameters()])


def test_interrupted_and_resumed_equals_uninterrupted(tmp_path):
    whole, first, second = trainer(), trainer(), trainer()
    whole.train()
    for _ in range(3):
        first.step()
    first.save(tmp_path / "progress")
    second.train(progress=tmp_path / "progress")
    assert second.losses == whole.losses
    assert torch.equal(weights_of(second), weights_of(whole))
    assert whole.network.unknown.operator.weight.abs().max() > 0


def test_progress_of_another_instrument_is_refused(tmp_path):
    first = trainer()
    first.step()
    first.save(tmp_path / "progress")
    other = trainer()
    other.network.config = replace(other.network.config, n_channels=7)
    with pytest.raises(InputError, match="these settings"):
        other.resume(tmp_path / "progress")


def test_a_loss_that_is_not_finite_stops_before_the_weights_change():
    run = trainer()
    run.step()
    before = weights_of(run)
    run.values.fill_(torch.nan)
    with pytest.raises(FloatingPointError, match="learning_rate"):
        run.step()
    assert torch.equal(weights_of(run), before)


def test_bad_input():
    made, channels = experiment()
    with pytest.raises(InputError, match="channels: given"):
        TwoInstrumentTrainer(two_networks(channels), SYSTEM, made.observations, channels[:-1], CONFIG)
    with pytest.raises(InputError, match="record: given '5 channels'"):
        two_networks(channels[..., :5])
    with pytest.raises(InputError, match="n_channels"):
        InstrumentConfig(n_channels=0)
    network = two_networks(channels)
    with pytest.raises(InputError, match="sites: given 20; expected the 40"):
        network.unknown.pseudo_observation(channels[0, :2].float(), ensemble()[..., :20])
    network.known.config = replace(network.known.config, memory_channels=2)
    with pytest.raises(InputError, match="memory_channels"):
        TwoInstrumentFilter(network.known, network.unknown)
    with pytest.raises(InputError, match="objective"):
        trainer(replace(CONFIG, objective="analysis"))
