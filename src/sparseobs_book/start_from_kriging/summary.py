"""What the grid of networks from kriging says, beside that of networks without a start."""

import pandas as pd

from sparseobs_book.temperature.verdicts import BASELINES

NAME = "adaptation_from_kriging"
START, OURS = "learned covariance, simulator first", "Sim2Real from kriging"
PARENTS = tuple(f"{name} from kriging" for name in BASELINES)


def together(table: pd.DataFrame, plain: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of both grids in the cells that both have; a method that stands in both is the first one's.

    Args:
        table: of the grid `adaptation_from_kriging`.
        plain: of the grid `adaptation`: the same twin, splits and hours.
    """
    cells = ["seed", "n_stations", "n_times"]
    plain = plain[~plain["method"].isin(table["method"])].merge(table[cells].drop_duplicates(), on=cells)
    return pd.concat([table, plain], ignore_index=True)
