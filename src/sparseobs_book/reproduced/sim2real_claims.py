"""What the Sim2Real paper claims, claim by claim, beside what the stored tables say.

The paper itself was not at hand: its claims are those of a summary that could not be checked against it, and of the
authors' code.
"""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from sparseobs_book.adaptation_grid.summary import AHEAD, BEHIND, EQUAL, FILM, OPEN
from sparseobs_book.gp_laboratory.summary import FINDINGS
from sparseobs_book.reproduced.aims import Judged
from sparseobs_book.reproduced.sim2real_judges import (
    against,
    artefacts,
    in_case,
    in_cells,
    in_range,
    lead,
    no_lead,
    of_laboratory,
    overconfident,
    parameters,
    shortest_scale,
)
from sparseobs_book.temperature.run import INTERPOLATIONS


class Claim(NamedTuple):
    """One claim; `aims.beside` makes a table of them.

    Attributes:
        claim: in words.
        place: where it stands.
        data: what we asked.
        tables: names of the stored tables that answer it.
        judge: returns, from these tables, our numbers in words and the verdict.
    """

    claim: str
    place: str
    data: str
    tables: tuple[str, ...]
    judge: Callable[..., Judged]


RESULTS, BREAKS = "summary, key results", "summary, mechanism 3"
FILTERS, DENSITY, FAILURES = "summary, mechanism 2", "summary, mechanism 1", "summary, failure signatures"
QUESTIONS, OURS = "summary, open questions", "not in the paper"
IRELAND, TWIN, LINE = "real, Ireland", "twin of Germany", "made up, on a line"
NOT_AHEAD = (BEHIND, EQUAL, OPEN)

_AT_STATIONS = (
    (
        "Sim2Real is ahead of the better of simulation alone and stations alone by 0.1 to 0.2 °C (MAE) "
        "and 0.5 to 1.0 nats (NLL)",
        RESULTS,
        ("uk_ireland",),
        partial(against, ("sim-only", "real-only"), in_range),
    ),
    ("Fine-tuning is far ahead of FiLM", FILTERS, ("uk_ireland",), partial(against, (FILM,), lead)),
    (
        "With 20 stations it is not ahead of the simulation alone",
        DENSITY,
        ("uk_ireland",),
        partial(against, ("sim-only",), no_lead),
    ),
    (
        "Sim2Real is ahead of the best interpolation",
        OURS,
        ("uk_ireland",),
        partial(against, tuple(INTERPOLATIONS), lead),
    ),
)
_GRID, _LONGER = "adaptation", "adaptation_length"
_IN_CELLS = (
    ("Fine-tuning is ahead of the simulation alone", RESULTS, _GRID, (AHEAD,), {"method": "sim-only"}),
    ("... but not with 20 stations", DENSITY, _GRID, NOT_AHEAD, {"method": "sim-only", "n_stations": 20}),
    ("Fine-tuning is ahead of stations alone", RESULTS, _GRID, (AHEAD,), {"method": "real-only"}),
    ("... but not with very many hours", BREAKS, _GRID, NOT_AHEAD, {"method": "real-only", "n_times": "most"}),
    ("Fine-tuning is far ahead of FiLM", FILTERS, _GRID, (AHEAD,), {"method": FILM}),
    (
        "Adapted nine times as long: ahead of the simulation alone",
        RESULTS,
        _LONGER,
        (AHEAD,),
        {"method": "sim-only", "lengthening": "most"},
    ),
    (
        "... not ahead of stations alone, with very many hours",
        BREAKS,
        _LONGER,
        NOT_AHEAD,
        {"method": "real-only", "lengthening": "most"},
    ),
    ("... ahead of FiLM", FILTERS, _LONGER, (AHEAD,), {"method": FILM, "lengthening": "most"}),
)
CLAIMS = (
    Claim("The network has 3.8 million parameters", "summary, method", "none", (), parameters),
    *(Claim(text, place, IRELAND, tables, judge) for text, place, tables, judge in _AT_STATIONS),
    *(
        Claim(text, place, TWIN, (table,), partial(in_cells, fits, where))
        for text, place, table, fits, where in _IN_CELLS
    ),
    Claim(
        "Fine-tuning shortens the smallest learnable scale five times, from 20 km to 4 km",
        DENSITY,
        TWIN,
        ("length_scales",),
        shortest_scale,
    ),
    Claim("Overconfident near stations", FAILURES, TWIN, ("failure_signatures",), overconfident),
    Claim("Short-range artefacts around stations", FAILURES, TWIN, ("failure_signatures",), artefacts),
    *(Claim(text, FILTERS, LINE, ("gp_laboratory",), partial(of_laboratory, text)) for text in FINDINGS),
    *(
        Claim(text, QUESTIONS, TWIN, ("open_questions",), partial(in_case, case))
        for text, case in (
            ("Open question: stations in clusters", "clustered"),
            ("Open question: a reanalysis of daily means", "daily means"),
            ("Open question: another variable, the wind speed", "wind speed"),
        )
    ),
)
