"""Intake's front office: what a pile of paper costs until its pages are right.

Each figure has a module of its own with a ``measure``; a new one is a line of
``MODULES``. Start at ``measure``.
"""

import importlib
from typing import Final

from bench.figures import Figure

MODULES: Final = ("normalise", "memory", "spoilt", "resume", "flags", "printed")


async def measure() -> dict[str, Figure]:
    figures: dict[str, Figure] = {}
    for name in MODULES:
        figures |= await importlib.import_module(f"bench.desk.{name}").measure()
    return figures
