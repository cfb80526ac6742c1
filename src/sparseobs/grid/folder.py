"""Where a grid keeps its cells. The files are the only truth: who was running them may be gone.

    FOLDER/README.txt                        says what this is
    FOLDER/shared/                           what several cells need, made once (see `runs.shared`)
    FOLDER/notebook-SHA256.ipynb             the notebook as it was when the run began; what the cells execute
    FOLDER/cells/IDENTITY/lock               held by the process that runs the cell; the system frees it at death
    FOLDER/cells/IDENTITY/progress/          what a cell's long work left for its next attempt, such as a checkpoint
    FOLDER/cells/IDENTITY/attempts/NAME/     an attempt under way or one that failed (NUMBER-TIME): parameters.json,
                                             notebook.ipynb, log.txt, heartbeat (touched while it runs), failure.json
    FOLDER/cells/IDENTITY/result/            a finished attempt, renamed into place in one step: parameters.json,
                                             notebook.ipynb, log.txt, result.csv, record.json

A failure.json holds `status`, `error` (one line), `traceback` (text), `ended` (UTC, ISO 8601) and `seconds`. The
status is `failed` (the notebook raised) or `timed out`: neither is tried again unasked; or `lost` (kernel killed, disk
full, ...), `interrupted` (killed with its run) or `retried` (a failure that the user asked to try again): the next run
tries. An attempt without failure.json runs if its heartbeat is younger than `STALE_SECONDS`; else it was interrupted.
"""

from dataclasses import dataclass
from pathlib import Path

from sparseobs.files import project_root

HEARTBEAT_SECONDS = 5.0
STALE_SECONDS = 12 * HEARTBEAT_SECONDS
KEPT_ATTEMPTS = 3  # that did not succeed; older ones are removed, so that a folder's size is bounded


def default_folder(name: str) -> Path:
    """Return where the cells of the grid `name` are kept unless the user says otherwise."""
    return project_root() / "grids" / "cells" / name


@dataclass(frozen=True)
class CellFolder:
    """The places of one cell.

    Args:
        root: the cell's own folder.
    """

    root: Path

    @classmethod
    def of(cls, folder: Path, identity: str) -> "CellFolder":
        """Return the places of the cell `identity` in a grid's folder."""
        return cls(folder / "cells" / identity)

    @property
    def lock(self) -> Path:
        """The file that is locked while the cell runs."""
        return self.root / "lock"

    @property
    def progress(self) -> Path:
        """What one attempt leaves for the next."""
        return self.root / "progress"

    @property
    def attempts(self) -> Path:
        """The attempts that are under way or have failed, oldest first by name."""
        return self.root / "attempts"

    @property
    def result(self) -> Path:
        """The finished attempt."""
        return self.root / "result"

    @property
    def done(self) -> bool:
        """Whether the cell has its result."""
        return (self.result / "record.json").is_file()
