"""The office round the desk: what its papers, its board and its wall cost.

Each figure has a module of its own with a ``measure``; a new one is a line of
``MODULES``. Start at ``measure``.
"""

import importlib
from typing import Final

from bench.figures import Figure

MODULES: Final = ("printing", "approving", "hands", "searching")


async def measure() -> dict[str, Figure]:
    figures: dict[str, Figure] = {}
    for name in MODULES:
        figures |= await importlib.import_module(f"bench.office.{name}").measure()
    return figures
