import pytest
import torch
from torch.nn import functional

from sparseobs.neural_process import minimal_filtering
from sparseobs.neural_process.convolution import convolve, convolve_and_halve, double_and_convolve
from sparseobs.neural_process.unet import UNet

from .plain_unet import plain_unet

PRECISIONS = [(torch.float32, 1e-5), (torch.float64, 1e-10)]
each_precision = pytest.mark.parametrize("dtype, tolerance", PRECISIONS)


each_way = pytest.mark.parametrize("least_channels", [1, 1000], ids=["fewer products", "conv2d"])


def random(*shape, dtype=torch.float64, seed=0):
    return torch.randn(shape, dtype=dtype, generator=torch.Generator().manual_seed(seed))


def values_and_gradients(function, *inputs):
    """Output, and gradients with respect to every input of one random projection of it."""
    inputs = [tensor.clone().requires_grad_() for tensor in inputs]
    output = function(*inputs)
    slopes = torch.autograd.grad((output * random(*output.shape, dtype=output.dtype, seed=9)).sum(), inputs)
    return [output.detach(), *slopes]


def assert_close(ours, plain, tolerance):
    """Within `tolerance` of the largest value."""
    for one, other in zip(ours, plain, strict=True):
        assert (one - other).abs().max() <= tolerance * other.abs().max().clamp(min=1.0)


@each_way
@each_precision
@pytest.mark.parametrize("side", [1, 3, 5, 7])
@pytest.mark.parametrize("window", [None, ((3, 9), (4, 7)), ((0, 6), (8, 10)), ((13, 14), (0, 10)), ((2, 11), (0, 9))])
def test_a_convolution_pads_with_zeros(monkeypatch, least_channels, dtype, tolerance, side, window):
    """Whichever way it multiplies, inside, at edges and corners."""
    monkeypatch.setattr(minimal_filtering, "LEAST_CHANNELS", least_channels)
    image, bias = random(2, 3, 14, 10, dtype=dtype), random(4, dtype=dtype, seed=2)
    kernel = random(4, 3, side, side, dtype=dtype, seed=1) / side
    (top, bottom), (left, right) = window or ((0, 14), (0, 10))

    def padded(image, kernel, bias):
        return functional.conv2d(image, kernel, bias, padding=side // 2)[..., top:bottom, left:right]

    def ours(image, kernel, bias):
        return convolve(image, kernel, bias, window)

    assert_close(*(values_and_gradients(function, image, kernel, bias) for function in (ours, padded)), tolerance)


def test_fewer_products_lose_one_digit_of_a_float32():
    """Four rows at a time, five taps, as many channels as the paper's network has: against the same in float64."""
    image, kernel, bias = random(1, 192, 24, 20).relu(), random(96, 192, 5, 5, seed=1) / 70, random(96, seed=2)
    exact = functional.conv2d(image, kernel, bias)
    single = (tensor.float() for tensor in (image, kernel, bias))
    assert (minimal_filtering.convolve_valid(*single) - exact).norm() <= 5e-6 * exact.norm()


def test_the_plain_convolution_where_fewer_products_do_not_pay():
    wide, narrow = random(1, 64, 8, 8), random(1, 8, 8, 8)
    kernel = random(64, 64, 5, 5)
    assert minimal_filtering.products_cost_most(wide, kernel)
    assert not minimal_filtering.products_cost_most(narrow, kernel[:, :8])
    assert not minimal_filtering.products_cost_most(wide, kernel[..., :1, :1])
    assert not minimal_filtering.products_cost_most(wide.to("meta"), kernel.to("meta"))
    with torch.autocast("cpu", torch.bfloat16):
        assert not minimal_filtering.products_cost_most(wide, kernel)


@each_precision
@pytest.mark.parametrize("side", [1, 3, 5, 7])
def test_halving_first_is_pooling_after(dtype, tolerance, side):
    image, bias = random(2, 3, 14, 10, dtype=dtype), random(4, dtype=dtype, seed=2)
    kernel = random(4, 3, side, side, dtype=dtype, seed=1) / side

    def pooled(image, kernel, bias):
        return functional.avg_pool2d(functional.conv2d(image, kernel, bias, padding=side // 2), 2)

    ours, plain = (values_and_gradients(function, image, kernel, bias) for function in (convolve_and_halve, pooled))
    assert_close(ours, plain, tolerance)


@each_precision
@pytest.mark.parametrize("side", [1, 3, 5, 7])
@pytest.mark.parametrize("rows, columns", [(14, 10), (7, 12), (3, 4)])
def test_doubling_last_is_interpolating_before(dtype, tolerance, side, rows, columns):
    """At the edges too, where interpolation replicates and the convolution sees zeros."""
    image, bias = random(2, 3, rows, columns, dtype=dtype), random(4, dtype=dtype, seed=2)
    kernel = random(4, 3, side, side, dtype=dtype, seed=1) / side

    def interpolated(image, kernel, bias):
        fine = functional.interpolate(image, scale_factor=2, mode="bilinear")
        return functional.conv2d(fine, kernel, bias, padding=side // 2)

    ours, plain = (
        values_and_gradients(function, image, kernel, bias) for function in (double_and_convolve, interpolated)
    )
    assert_close(ours, plain, tolerance)


@each_way
@each_precision
@pytest.mark.parametrize("channels, kernel", [((5, 6, 7), 5), ((4, 4, 4, 4), 3), ((5,), 5)])
@pytest.mark.parametrize("film", ["fresh, frozen", "fresh, trained", "of both signs, frozen", "of both signs, trained"])
def test_the_network_is_the_published_one(monkeypatch, least_channels, dtype, tolerance, channels, kernel, film):
    """Whatever FiLM does and however it multiplies: values, and gradients of all that is trained and of the input."""
    monkeypatch.setattr(minimal_filtering, "LEAST_CHANNELS", least_channels)
    torch.manual_seed(0)
    network = UNet(3, 2, channels, kernel).to(dtype)
    for name, parameter in network.named_parameters():
        if "film" in name:
            parameter.requires_grad_("trained" in film)
            if "signs" in film:
                torch.nn.init.normal_(parameter, mean=0.3)
    wanted = [random(2, 3, 48, 32, dtype=dtype).requires_grad_()]
    wanted += [parameter for parameter in network.parameters() if parameter.requires_grad]
    results = []
    linear = network.is_linear()
    assert linear == (film == "fresh, frozen")
    for function in (lambda features: network(features, linear=linear), lambda features: plain_unet(network, features)):
        output = function(wanted[0])
        slopes = torch.autograd.grad((output * random(*output.shape, dtype=dtype, seed=9)).sum(), wanted)
        results.append([output.detach(), *slopes])
    assert_close(*results, 5 * tolerance if least_channels == 1 else tolerance)  # fewer products round more


@pytest.mark.parametrize("part", ["scale", "shift"])
def test_the_shorter_way_is_taken_only_where_it_is_the_same(part):
    network = UNet(3, 2, (4, 4), 5)
    assert not network.is_linear()  # FiLM is being trained
    with torch.no_grad():
        assert network.is_linear()
        getattr(network.up[0].film, part)[1] += 0.1
        assert not network.is_linear()


def test_the_shorter_way_is_one_graph():
    """What `torch.compile` is given holds no look at a value that would break it in two."""
    network, image, window = UNet(3, 2, (4, 5), 3).double().requires_grad_(False), random(1, 3, 8, 8), ((1, 6), (0, 5))
    compiled = torch.compile(network, backend="eager", fullgraph=True)
    for linear in (True, False):
        assert_close([compiled(image, window, linear=linear)], [plain_unet(network, image)[..., 1:6, 0:5]], 1e-12)


@each_way
@pytest.mark.parametrize("window", [((5, 11), (3, 10)), ((0, 7), (13, 16)), ((23, 24), (0, 1)), ((0, 24), (0, 16))])
@pytest.mark.parametrize("channels", [(4,), (4, 6), (4, 6, 8, 5)])
@pytest.mark.parametrize("side", [1, 3, 5])
@pytest.mark.parametrize("film", ["untrained", "trained"])
def test_a_window_is_that_part_of_the_whole(monkeypatch, least_channels, window, channels, side, film):
    """Outputs and gradients, wherever it lies: inside, at edges, a corner's single node, everything."""
    monkeypatch.setattr(minimal_filtering, "LEAST_CHANNELS", least_channels)
    network = UNet(3, 2, channels, side).double()
    if film == "trained":
        for block in (*network.down, *network.up, network.head):
            block.film.shift.data += random(*block.film.shift.shape, seed=5)
    (top, bottom), (left, right) = window
    image, linear = random(2, 3, 24, 16), network.requires_grad_(False).is_linear()
    assert linear == (film == "untrained")
    part = values_and_gradients(lambda given: network(given, window, linear=linear), image)
    cut = values_and_gradients(lambda given: network(given)[..., top:bottom, left:right], image)
    assert part[0].shape[-2:] == (bottom - top, right - left)
    assert_close(part, cut, 1e-12)
