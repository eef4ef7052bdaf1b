"""``make bench``: figures, measured, never asserted. ``ONLY=group`` picks one group.

Writes build/bench.json: figure → value, unit, goal, reference. A reference is measured
in the same run, because machines are noisy and shared; quote the ratio.
"""

import argparse
import asyncio
import importlib
import json
from collections.abc import Mapping
from dataclasses import asdict

from bench.figures import ROOT, Figure

GROUPS = ("thread", "signing", "pipeline", "gate", "hard", "desk", "office", "readers")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--only", choices=GROUPS, default="")
    only = arguments.parse_args().only
    figures: dict[str, Figure] = {}
    for group in [only] if only else GROUPS:
        module = importlib.import_module(f"bench.{group}")
        figures |= asyncio.run(module.measure())
    write(figures)


def write(figures: Mapping[str, Figure]) -> None:
    """Keep the figures of groups that did not run this time."""
    path = ROOT / "build" / "bench.json"
    path.parent.mkdir(exist_ok=True)
    kept = json.loads(path.read_text()) if path.exists() else {}
    kept |= {name: asdict(figure) for name, figure in figures.items()}
    path.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n")
    for name, f in sorted(figures.items()):
        print(f"{name} = {f.value:g} {f.unit}  (goal {f.goal}; {f.reference})")


if __name__ == "__main__":
    main()
