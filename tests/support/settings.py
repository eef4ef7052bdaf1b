"""What the tests read of the environment."""

import os
import shutil
from pathlib import Path

import pytest

REQUIRED = os.environ.get("ECOPY_REQUIRE_ALL") == "1"
"""Set by .ci/run: what a person's machine may lack must be there, a skip fails."""

DRAWS = os.environ.get("ECOPY_DRAWS") or "quarter"
"""How much a test that draws at random draws: ``all`` in ``make faults``."""


def share(count: int) -> int:
    """How many of *count* random draws this run makes: all of them, or a quarter. The
    test is marked ``drawn``, so that ``make faults`` makes the rest, too.
    """
    return count if DRAWS == "all" else count // 4


def found(program: str, *places: str) -> Path:
    """The program's path; skips, naming it, where it is missing and may be."""
    where = shutil.which(program) or next(
        (str(p) for place in places for p in sorted(Path("/").glob(place))), None
    )
    if where is not None:
        return Path(where)
    if REQUIRED:
        pytest.fail(f"{program} is required here and was not found")
    pytest.skip(f"{program} was not found")
