"""What both papers report beside what the stored tables say."""

REPRODUCED, NOT_REPRODUCED, WRONG_REGIME = "reproduced", "not reproduced", "wrong regime"


def verdict(holds: bool, papers_regime: bool = True) -> str:
    """Return in one of three words what became of a claim; in another regime than the paper's it cannot be tested."""
    if not papers_regime:
        return WRONG_REGIME
    return REPRODUCED if holds else NOT_REPRODUCED
