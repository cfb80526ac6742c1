"""Learning from Sparse Observations: the package behind the book."""

from importlib.metadata import version

__version__ = version("sparseobs")
