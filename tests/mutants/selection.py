"""Which tests a change is shown to: those that ran its statement."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass

from mutants.changes import Change
from mutants.house import SURVIVED, House

_USUAL_SECONDS = 1800
_SPARE_SECONDS, _SLOWER = 30, 5


@dataclass(frozen=True)
class Usual:
    """How a set of tests goes with nothing wrong."""

    tests: Sequence[str]
    took: float
    lines: dict[str, dict[str, list[str]]]
    """Module, then line, to the tests that ran it; "" is the import."""
    seconds: dict[str, float]

    def tests_of(self, change: Change) -> tuple[list[str], float]:
        """The tests that ran the change's statement, and how long they may take.

        All of them where it ran at the import, or only in another process.
        """
        ran = self.lines.get(str(change.path), {})
        names = {test for line in change.lines for test in ran.get(str(line), [])}
        if not names or "" in names:
            return list(self.tests), _SPARE_SECONDS + _SLOWER * self.took
        took = sum(self.seconds[name] for name in names)
        chosen = [name for name in self._quick_files_first() if name in names]
        return chosen, _SPARE_SECONDS + _SLOWER * took

    def _quick_files_first(self) -> list[str]:
        took: dict[str, float] = {}
        for name, seconds in self.seconds.items():
            file = name.split("::")[0]
            took[file] = took.get(file, 0.0) + seconds
        return sorted(self.seconds, key=lambda name: took[name.split("::")[0]])


def usual_run(house: House, tests: Sequence[str]) -> Usual:
    """Run the tests once on the house as it is; they must pass."""
    written = house.place / "lines.json"
    began = time.monotonic()
    outcome = house.run_tests(
        tests,
        _USUAL_SECONDS,
        *("-p", "mutants.lines"),
        PYTHONPATH=str(house.place / "tests"),
        LINES_OF_TESTS=str(written),
    )
    if outcome != SURVIVED:
        raise SystemExit(f"these tests fail by themselves: {house.place}/last.log")
    found = json.loads(written.read_text())
    return Usual(tests, time.monotonic() - began, found["lines"], found["seconds"])
