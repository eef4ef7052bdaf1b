"""What a storm found: figures for ``build/faults.json``, and a table for people.

Start at ``Findings.figures``.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Sequence
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
    "recovery_beside_p95_s": ("s", ""),
    "beside": ("faults", ""),
    "minutes": ("min", ""),
    "drain_of_normal": ("", ">= 0.8"),
    "drain_of_normal_postgresql": ("", ">= 0.8"),
    "planted_bugs_caught": ("of 8", "8"),
}
OF_A_RUN = ("recovery", "recovery_beside", "beside", "numbers")
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
    """Seconds from a kill −9 to readiness, while nothing else was struck."""
    recovery_beside: list[float] = field(default_factory=list)
    """The same, beside other faults."""
    beside: int = 0
    """Faults that came while another was on, or during which another came."""
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
        values["recovery_beside_p95_s"] = percentile(self.recovery_beside, 0.95)
        values["beside"] = self.beside
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


def keep_run(findings: Findings, path: Path, words: str) -> None:
    """One run's findings, to be added to others by ``summed``."""
    outcomes = [
        [kind, target, how, times]
        for (kind, target), outcomes in sorted(findings.outcomes.items())
        for how, times in outcomes.items()
    ]
    run = {"words": words, "outcomes": outcomes, "violations": findings.violations}
    run |= {name: getattr(findings, name) for name in OF_A_RUN}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(run, ensure_ascii=False) + "\n", "utf-8")


def summed(paths: Sequence[Path]) -> Findings:
    """What the runs that ``keep_run`` wrote to *paths* have found together."""
    total = Findings()
    for path in paths:
        run = json.loads(path.read_text("utf-8"))
        for kind, target, how, times in run["outcomes"]:
            total.outcomes[(kind, target)][how] += times
        for invariant, seen in run["violations"]:
            total.broken(invariant, f"{path.stem}: {seen}")
        total.recovery += run["recovery"]
        total.recovery_beside += run["recovery_beside"]
        total.beside += run["beside"]
        total.numbers = _added(total.numbers, run["numbers"])
    return total


def _added(one: dict[str, float], other: dict[str, float]) -> dict[str, float]:
    """Counts are added; of shares the least stands for all."""
    both = {name: one.get(name, 0) + other.get(name, 0) for name in {**one, **other}}
    shares = [name for name in both if name.startswith("drain_of_normal")]
    least = {name: min(n[name] for n in (one, other) if name in n) for name in shares}
    return both | least


def write(figures: dict[str, dict[str, object]], path: Path) -> None:
    """Keep the figures of parts that did not run this time."""
    path.parent.mkdir(exist_ok=True)
    before = json.loads(path.read_text()) if path.exists() else {}
    path.write_text(json.dumps(before | figures, indent=1, ensure_ascii=False) + "\n")
