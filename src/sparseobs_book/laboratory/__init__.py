"""Networks on Gaussian processes, where the best prediction is known; shared by two pages."""
