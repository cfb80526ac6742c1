"""Tests and notebooks alike run at smoke size, one thread a worker, whatever the user's own settings."""

import os

# Set before numpy or torch is imported, and inherited by the kernels that run the notebooks.
os.environ |= {"SPARSEOBS_PRESET": "smoke", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
