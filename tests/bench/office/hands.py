"""``office.case_clicks`` and ``office.case_keys``: one paper of three pages, clerk and
certifier together, counted by the browser's test (``tests/e2e/test_hands.py``).
"""

import asyncio
import json
import sys
from typing import Final

from bench.figures import ROOT, Figure

TEST: Final = "tests/e2e/test_hands.py"
COUNTED: Final = ROOT / "build" / "e2e" / "hands.json"
CLERK_GOAL: Final = 12


async def measure() -> dict[str, Figure]:
    COUNTED.unlink(missing_ok=True)
    command = (sys.executable, "-m", "pytest", "-q", TEST)
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT)
    if await process.wait() != 0:
        raise AssertionError(f"{TEST} failed: see above")
    people = json.loads(COUNTED.read_text())
    clerk = people["clerk"]
    beside = clerk["clicks"] + clerk["keys"]
    said = (
        f"the clerk's part {beside}, goal ≤ {CLERK_GOAL}; beside"
        f" {_of(people, 'typed')} letters typed and {_of(people, 'tabs')} Tabs from"
        " field to field"
    )
    return {
        f"office.case_{kind}": Figure(_of(people, kind), "presses", "print", said)
        for kind in ("clicks", "keys")
    }


def _of(people: dict[str, dict[str, int]], kind: str) -> int:
    return sum(person[kind] for person in people.values())
