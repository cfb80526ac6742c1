"""The yardstick of `training_step.py`: the AmEnF's training step as the paper describes it, plainly and eagerly.

Written for the benchmark alone, from the paper's text and the shapes of the authors' code: everything that all members
share is repeated for each of them, the covariance is computed whole before its band is picked, observations are
scattered into permuted forecasts, and every cycle calls torchdiffeq. Network, inputs and loss are ours, so that the
same weights give the same loss; a test holds that they do. One variable a site, the network's ingredients all on.
"""

import torch
from torch import Tensor, nn
from torchdiffeq import odeint

from sparseobs.dynamics.integrate import Schedule, System
from sparseobs.filtering.amenf import AmEnF
from sparseobs.filtering.cycle import LARGEST_DEPARTURE


class PlainNetwork(nn.Module):
    """The paper's network of stock layers, with the parameter names of `AmEnF`, so that weights move over as they are.

    Args:
        network: whose configuration and weights to take.
        n_sites: sites on the ring, which stock layer normalisation has to know.
    """

    def __init__(self, network: AmEnF, n_sites: int):
        super().__init__()
        config = network.config
        self.config, self.n_sites = config, n_sites
        ring = {"kernel_size": config.kernel, "padding": config.kernel // 2, "padding_mode": "circular"}
        width = config.filters
        self.lift = nn.Conv1d(config.n_inputs, width, **ring)
        self.blocks = nn.ModuleList([nn.Conv1d(width, width, **ring) for _ in range(2 * config.n_blocks)])
        self.readout = nn.Conv1d(width, config.n_outputs, **ring)
        self.normalise = nn.LayerNorm([width, n_sites], elementwise_affine=False)
        self.drop, self.activate = nn.Dropout1d(config.dropout), nn.LeakyReLU()
        self.load_state_dict(network.state_dict())

    def forward(self, features: Tensor) -> Tensor:
        """Return (batch * member, output, site) from (batch * member, input, site)."""
        hidden = self.normalise(self.lift(features))
        for index in range(self.config.n_blocks):
            update = hidden
            for layer in self.blocks[2 * index : 2 * index + 2]:
                update = self.activate(self.normalise(layer(self.drop(update))))
            hidden = hidden + update
        return self.readout(self.drop(hidden))


class Yardstick:
    """The paper's training step.

    Args:
        network: ours, whose weights and scales it takes.
        system: one variable a site.
        schedule: step and steps between observations.
        learning_rate: Adam's.
    """

    def __init__(self, network: AmEnF, system: System, schedule: Schedule, learning_rate: float = 8e-4):
        self.system, self.schedule = system, schedule
        self.network = PlainNetwork(network, system.n_sites).to(network.climate_mean)
        self.scales = {name: scale.squeeze() for name, scale in network.named_buffers()}
        self.optimiser = torch.optim.Adam(self.network.parameters(), lr=learning_rate)

    def step(self, truth: Tensor, values: Tensor, mask: Tensor, members: int) -> float:
        """Do one optimiser step from an ensemble around the truth, and return the loss.

        Args:
            truth: (batch, site), at the first cycle.
            values: (cycle + 1, batch, site), observations of the unroll's cycles and of the one after.
            mask: (cycle + 1, site), true where observed.
            members: ensemble size.
        """
        self.optimiser.zero_grad()
        noise = self.scales["obs_error_std"]
        around = truth.unsqueeze(1).repeat(1, members, 1)
        loss = self.loss(around + noise * torch.randn_like(around), values, mask)
        loss.backward()
        self.optimiser.step()
        return loss.item()

    def loss(self, ensemble: Tensor, values: Tensor, mask: Tensor, orders: Tensor | None = None) -> Tensor:
        """Return the self-supervised forecast loss [mccabe2021, equation 8], a mean in units of the noise variance.

        Args:
            ensemble: (batch, member, site), the forecast that the first cycle analyses.
            values: as of `step`.
            mask: as of `step`.
            orders: (cycle, member), whose forecasts fill unobserved sites; drawn if not given.
        """
        batch, members, sites = ensemble.shape
        memory = ensemble.new_zeros(batch * members, self.network.config.memory_channels, sites)
        losses = []
        for cycle in range(len(values) - 1):
            order = torch.randperm(members) if orders is None else orders[cycle]
            ensemble, memory = self.cycle(ensemble, memory, values[cycle], mask[cycle], order)
            later = mask[cycle + 1]
            misfit = ensemble.mean(1)[:, later] - values[cycle + 1][:, later]
            losses.append((misfit**2).mean() / self.scales["obs_error_std"] ** 2)
        return torch.stack(losses).mean()

    def cycle(
        self, ensemble: Tensor, memory: Tensor, values: Tensor, mask: Tensor, order: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Return the next forecast and the memory."""
        batch, members, sites = ensemble.shape
        scales, channels = self.scales, self.network.config.memory_channels
        seen = ensemble.detach()[:, order]
        seen[:, :, mask] = values[:, mask].unsqueeze(1).repeat(1, members, 1)
        indicator = mask.to(ensemble).repeat(batch, members, 1)
        band = self.band(ensemble).unsqueeze(1).repeat(1, members, 1, 1).reshape(batch * members, -1, sites)
        state = ensemble.reshape(batch * members, 1, sites)
        features = [
            (state - scales["climate_mean"]) / scales["climate_std"],
            (seen.reshape(batch * members, 1, sites) - scales["climate_mean"]) / scales["climate_std"],
            indicator.reshape(batch * members, 1, sites),
            self.system.tendency(state) / scales["tendency_std"],
            band / scales["obs_error_std"] ** 2,
            memory,
        ]
        output = self.network(torch.cat(features, dim=1))
        increment, memory_increment, gate, memory_gate = output.split([1, channels, 1, channels], dim=1)
        memory = torch.sigmoid(memory_gate) * memory + memory_increment
        centred = torch.sigmoid(gate) * (state - scales["climate_mean"]) + scales["climate_std"] * increment
        largest = LARGEST_DEPARTURE * scales["climate_std"]
        analysis = scales["climate_mean"] + torch.clamp(centred, -largest, largest)
        return self.forecast(analysis).reshape(batch, members, sites), memory

    def band(self, ensemble: Tensor) -> Tensor:
        """Return (batch, neighbour, site), picked from the whole covariance matrix."""
        _, members, sites = ensemble.shape
        anomalies = ensemble - ensemble.mean(1, keepdim=True)
        covariance = anomalies.transpose(1, 2) @ anomalies / (members - 1)
        width = self.network.config.covariance_width
        neighbours = [[(site + offset - width // 2) % sites for offset in range(width)] for site in range(sites)]
        return covariance[:, neighbours, torch.arange(sites).unsqueeze(1)].transpose(1, 2)

    def forecast(self, analysis: Tensor) -> Tensor:
        """Return the state one cycle later, by torchdiffeq's Runge-Kutta method of fixed steps."""
        length = self.schedule.step * self.schedule.steps_per_cycle
        times = torch.tensor([0.0, length], dtype=analysis.dtype, device=analysis.device)
        options = {"step_size": self.schedule.step}
        return odeint(lambda _, state: self.system.tendency(state), analysis, times, method="rk4", options=options)[-1]
