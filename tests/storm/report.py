"""What a storm found: figures for ``build/faults.json``, and a table for people.

Start at ``Findings.figures``.
"""

import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

GOALS = {
    "lost": ("things", "0"),
    "double": ("numbers", "0"),
    "holes": ("numbers", "0"),
    "wrong_bytes": ("copies", "0"),
    "open_links": ("links", "0"),
    "broken_chains": ("chains", "0"),
    "stuck": ("papers", "0"),
    "faults": ("", ">= 2000 in a long run"),
    "cases": ("", ">= 10000 in a long run"),
    "power_cuts": ("", ">= 100 in a long run"),
    "first_minute_cuts": ("", ">= 30 in a long run"),
    "recovery_p95_s": ("s", "<= 5"),
    "drain_of_normal": ("", ">= 0.8"),
    "planted_bugs_caught": ("of 8", "8"),
}
INVARIANTS = (
    "lost", "double", "holes", "wrong_bytes", "open_links", "broken_chains", "stuck",
)  # fmt: skip


@dataclass
class Findings:
    violations: list[tuple[str, str]] = field(default_factory=list)
    """(invariant, what was seen)"""
    outcomes: dict[tuple[str, str], Counter[str]] = field(
        default_factory=lambda: defaultdict(Counter)
    )
    """(kind, target) → outcome → times"""
    recovery: list[float] = field(default_factory=list)
    """Seconds from a kill −9 to readiness."""
    numbers: dict[str, float] = field(default_factory=dict)

    def broken(self, invariant: str, seen: str) -> None:
        if (invariant, seen) not in self.violations:
            self.violations.append((invariant, seen))
            print(f"BROKEN {invariant}: {seen}", flush=True)

    def count(self, invariant: str) -> int:
        return sum(1 for name, _ in self.violations if name == invariant)

    def figures(self) -> dict[str, dict[str, object]]:
        """Figure → value, unit, goal."""
        values: dict[str, float | None] = {
            name: self.count(name) for name in INVARIANTS
        }
        values["recovery_p95_s"] = percentile(self.recovery, 0.95)
        values |= self.numbers
        return {
            name: {"value": value, "unit": GOALS[name][0], "goal": GOALS[name][1]}
            for name, value in values.items()
            if value is not None
        }

    def table(self) -> str:
        lines = ["| fault | target | times | outcome |", "|---|---|---|---|"]
        for (kind, target), outcomes in sorted(self.outcomes.items()):
            how = ", ".join(f"{what} {n}" for what, n in outcomes.most_common())
            lines.append(f"| {kind} | {target} | {sum(outcomes.values())} | {how} |")
        return "\n".join(lines)


def percentile(values: list[float], share: float) -> float | None:
    if not values:
        return None
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 2)


def write(figures: dict[str, dict[str, object]], path: Path) -> None:
    """Keep the figures of parts that did not run this time."""
    path.parent.mkdir(exist_ok=True)
    before = json.loads(path.read_text()) if path.exists() else {}
    path.write_text(json.dumps(before | figures, indent=1, ensure_ascii=False) + "\n")
