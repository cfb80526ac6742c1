"""Objects in the data files of R packages."""

import warnings
from pathlib import Path

import rdata

from sparseobs.errors import InputError
from sparseobs.stations.containers import reading


def read_rda(path: Path, name: str, source: str, kind: str = "data frame") -> object:
    """Return the object `name` of an R data file: a `pandas.DataFrame`, or a dictionary where it is a list.

    Args:
        path: the file.
        name: of the object in it.
        source: whose file it is, for the message.
        kind: what the object is, for the message.

    Raises:
        InputError: the file is missing, is no R data, is damaged, or has no such object.
    """
    expected = f"an R data file with the {kind} {name!r}"
    if not Path(path).is_file():
        raise InputError("R data", str(path), expected, f"`sparseobs.stations.downloads.fetch({source!r})`")
    with reading("R data", path, expected, "fetching it again"), warnings.catch_warnings():
        # tibbles and time zones have no Python class; neither is used here. Old files do not say how text is encoded.
        warnings.filterwarnings("ignore", message="Missing constructor for R class", category=UserWarning)
        warnings.filterwarnings("ignore", message="Unknown encoding", category=UserWarning)
        warnings.filterwarnings("error", message="Unknown file type", category=UserWarning)
        return rdata.read_rda(path)[name]
