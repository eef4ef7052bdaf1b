"""What a finding of ``ecopy reconcile`` is called before a person, and what to do.

The sentences stand in ``reconcile.toml``, in both languages.
"""

import tomllib
from functools import cache
from pathlib import Path

from ecopy.reckoning import Discrepancy

UNKNOWN = {"vi": "Số {entry}: {kind} {detail}", "en": "Number {entry}: {kind} {detail}"}
"""The sentence on a finding that a newer service names: as it is."""


@cache
def words() -> dict[str, dict[str, str]]:
    """Kind of finding → its sentence in ``vi`` and in ``en``."""
    return tomllib.loads(Path(__file__).with_name("reconcile.toml").read_text("utf-8"))


def sentence(finding: Discrepancy) -> tuple[str, str]:
    """In Vietnamese and in English."""
    said = words().get(finding.kind, UNKNOWN)
    values = {"entry": finding.entry, "kind": finding.kind, "detail": finding.detail}
    return said["vi"].format(**values), said["en"].format(**values)
