"""Which kinds of paper a citizen may have on VNeID, as a table with days: a hint for
the clerk, never a rule. Start at ``parse``.
"""

import tomllib
from collections.abc import Container, Mapping
from datetime import date

OnVneid = Mapping[str, date]
"""Kind → the day from which it can stand there."""


def parse(table: str, kinds: Container[str]) -> OnVneid:
    """Raises ValueError for a kind that is none of *kinds*, or is named twice."""
    found: dict[str, date] = {}
    for row in tomllib.loads(table)["kinds"]:
        kind = row["kind"]
        if kind not in kinds or kind in found:
            raise ValueError(f"{kind} is no kind of paper, or stands there twice")
        found[kind] = row["since"]
    return found


def in_force(known: OnVneid, day: date) -> OnVneid:
    """Those that can stand there on that day."""
    return {kind: since for kind, since in known.items() if since <= day}
