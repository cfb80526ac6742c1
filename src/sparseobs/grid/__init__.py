"""Grid runs: one YAML file, many papermill executions on dask, nothing lost and nothing done twice."""

from sparseobs.exports import offered

__all__, __getattr__, __dir__ = offered(__name__)
