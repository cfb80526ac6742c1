"""Grid runs: one YAML file, many papermill executions on dask, nothing lost and nothing done twice."""
