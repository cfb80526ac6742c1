"""What a reader leaves out is said twice: on the screen, and in the notes that stay with the data."""

import warnings


class LeftOut(UserWarning):
    """Readings or stations of the files that are not in the data."""


def tell(notes: str, *sentences: str) -> str:
    """Return the notes with the sentences added, each of which is shown as a warning too."""
    for sentence in sentences:
        warnings.warn(sentence, LeftOut, stacklevel=3)
    return " ".join([notes, *sentences])
