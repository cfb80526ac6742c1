import torch

from sparseobs.filtering.ienks import square_root_analysis


def test_equals_the_kalman_filter_for_the_ensembles_covariance():
    generator = torch.Generator().manual_seed(0)
    forecast = torch.randn(3, 30, 5, generator=generator, dtype=torch.float64) + 2
    operator = torch.randn(4, 5, generator=generator, dtype=torch.float64)
    values = torch.randn(3, 4, generator=generator, dtype=torch.float64)
    analysis = square_root_analysis(forecast, forecast @ operator.mT, values, 0.7)
    for before, after, seen in zip(forecast, analysis, values, strict=True):
        covariance = torch.cov(before.mT)
        gain = covariance @ operator.mT @ torch.linalg.inv(operator @ covariance @ operator.mT + 0.49 * torch.eye(4))
        torch.testing.assert_close(after.mean(0), before.mean(0) + gain @ (seen - operator @ before.mean(0)))
        torch.testing.assert_close(torch.cov(after.mT), (torch.eye(5) - gain @ operator) @ covariance)


def test_a_useless_instrument_changes_nothing():
    forecast = torch.randn(2, 8, 5, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    analysis = square_root_analysis(forecast, forecast[..., :2], torch.zeros(2, 2, dtype=torch.float64), 1e9)
    torch.testing.assert_close(analysis, forecast)
