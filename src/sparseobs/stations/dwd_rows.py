"""The rows of a period out of a product of DWD's, found by their bytes: the rest of the record is never parsed."""

import numpy as np

from sparseobs.stations.period import Period

NAMES = b"STATIONS_ID;MESS_DATUM;QN_9;TT_TU;RF_TU;eor"
STAMP = 10  # digits: YYYYMMDDHH
END = np.frombuffer(b"eor", np.uint8)


def rows_of(content: bytes, period: Period) -> bytes:
    """Return a product with the rows of a period only, a day more at either end, and the row of its last hour.

    The last hour tells which of two files is the newer. Content whose rows are not all laid out alike (a number as
    wide as the first, a stamp of ten digits, five semicolons, the mark of their end) is returned as it is, for whoever
    parses it to judge.

    Args:
        content: of `produkt_tu_stunde_*.txt`.
        period: days wanted.
    """
    edges = np.flatnonzero(np.frombuffer(content, np.uint8) == ord("\n"))
    if content[-1:] != b"\n":
        edges = np.append(edges, len(content))
    starts, stops = edges[:-1] + 1, edges[1:]
    stamps = _stamps(content, starts, stops) if starts.size and content.startswith(NAMES) else None
    if stamps is None:
        return content
    days = period.widened
    first, stop = (f"{day:%Y%m%d}".encode() for day in (days.start, days.stop))
    wanted = (stamps >= first) & (stamps < stop)
    wanted[stamps.argmax()] = True
    rows = np.flatnonzero(wanted)
    return content[: starts[0]] + b"\n".join(content[starts[row] : stops[row]] for row in rows)


def _stamps(content: bytes, starts: np.ndarray, stops: np.ndarray) -> np.ndarray | None:
    """Return the stamp of each row (from its first character to the end of its line), None if one is not as the rest.

    The first row tells how wide the station's number is.
    """
    characters = np.frombuffer(content, np.uint8)
    width = content.find(b";", starts[0], stops[0]) - starts[0]
    if width < 0 or (stops - starts < width + STAMP + len(END) + 2).any():
        return None
    if content.count(b";") != NAMES.count(b";") * (starts.size + 1):
        return None
    stops = stops - (characters[stops - 1] == ord("\r"))
    begin = _pieces(characters, starts + width, STAMP + 2)
    stamps = np.ascontiguousarray(begin[:, 1:-1])
    alike = (begin[:, [0, -1]] == ord(";")).all() and (stamps - ord("0") < 10).all()
    whole = (_pieces(characters, stops - len(END), len(END)) == END).all()
    return stamps.view(f"S{STAMP}")[:, 0] if alike and whole else None


def _pieces(characters: np.ndarray, starts: np.ndarray, length: int) -> np.ndarray:
    """Return the characters (start, length) from each start on."""
    return np.lib.stride_tricks.sliding_window_view(characters, length)[starts]
