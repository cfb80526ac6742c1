"""What every test file relies on: figures go to no screen."""

import matplotlib

matplotlib.use("Agg")
