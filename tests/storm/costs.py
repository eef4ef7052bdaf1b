"""Where the processor's time goes: seconds of each process of a house and of the storm.

Start at ``Costs``.
"""

import contextlib
import os
from collections import Counter
from pathlib import Path

from storm.house import PROGRAMS, StormHouse

TICKS = os.sysconf("SC_CLK_TCK")


class Costs:
    """What has been spent since this was made."""

    def __init__(self, house: StormHouse) -> None:
        self._house = house
        self._before = self._spent()

    def said(self, cases: int) -> str:
        """A line for people. What was killed counts for the supervisor that waited."""
        spent = self._spent() - self._before
        each = ", ".join(f"{name} {seconds:.1f}" for name, seconds in spent.items())
        of_case = spent.total() / max(1, cases)
        return f"processor seconds: {each}; {of_case:.3f} a case"

    def _spent(self) -> Counter[str]:
        """Each program with the workers below it; they are listed behind it."""
        names = {self._house.pid(name): name for name in PROGRAMS}
        spent, name = Counter({"storm": _seconds(os.getpid())}), "supervisor"
        below: dict[int, str] = {}
        for pid, parent in self._house.pedigree():
            name = names.get(pid) or below.get(parent, "supervisor")
            below[pid] = name
            spent[name] += _seconds(pid)
        return spent


def _seconds(pid: int) -> float:
    """Its own time and that of the children that it has waited for."""
    with contextlib.suppress(OSError):
        words = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        return sum(map(int, words[11:15])) / TICKS
    return 0.0
