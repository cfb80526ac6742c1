"""Learning from Sparse Observations: the package behind the book."""

from importlib.metadata import version

from sparseobs.memory import keep_freed_memory

__version__ = version("sparseobs")
keep_freed_memory()
