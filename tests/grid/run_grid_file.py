"""`python run_grid_file.py GRID.yaml FOLDER`: a run of a grid with two workers that tests interrupt and kill."""

import sys
from pathlib import Path

from sparseobs.grid.clusters import open_client
from sparseobs.grid.engine import run_grid
from sparseobs.grid.plan import load_grid
from sparseobs.grid.run import stopped_like_ctrl_c


def main() -> None:
    """Run the grid at its size smoke; exit status 0 if every cell is done, 130 if it was stopped."""
    grid = load_grid(Path(sys.argv[1]), "smoke")
    try:
        with stopped_like_ctrl_c(), open_client(grid, workers=2) as client:
            outcomes = run_grid(grid, Path(sys.argv[2]), client, lambda event: print(event, flush=True))
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    raise SystemExit(any(outcome.status != "done" for outcome in outcomes))


if __name__ == "__main__":
    main()
