"""``make mutants``: mistakes are put into the modules that guard most, one at a time.

MUTANTS=400 takes a sample, the same for the same SEED=; MUTANTS=all takes every one
(hours). ONLY= is an area or a part of a module's path; AGAIN= is a former report, whose
survivors alone are tried. Writes build/mutants.json. See docs/decisions/0078.
"""

import argparse
import json
import random
import time
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from queue import SimpleQueue

from mutants.changes import Change, changes_of
from mutants.house import ROOT, SURVIVED, TIMEOUT, House, build_house
from mutants.selection import Choice, Usual, chosen_tests, usual_run_once

HERE = Path(__file__).parent
GOAL = 0.9
SAME = "same"
BUILD = ROOT / "build"


@dataclass(frozen=True)
class Guarded:
    """A module, and the test files that must notice what is wrong with it."""

    area: str
    path: Path
    tests: list[str]
    changes: list[Change]


@dataclass(frozen=True)
class Tried:
    change: Change
    outcome: str
    seconds: float
    why_same: str = ""
    """Why the change alters nothing; empty if it does."""


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--mutants", default="400", help="a number, or all")
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--only", default="")
    arguments.add_argument("--jobs", type=int, default=2)
    arguments.add_argument("--again", default="", help="a former mutants.json")
    given = arguments.parse_args()
    guarded = list(read_table(given.only))
    sample = sampled(guarded, given.mutants, given.seed)
    if given.again:
        sample = survivors_of(Path(given.again), guarded)
    print(f"{len(sample)} of {sum(len(g.changes) for g in guarded)} mutants")
    tried: list[Tried] = []
    for one in run(sample, given.jobs):
        tried.append(one)
        write(tried, given.seed)  # whoever stops it early keeps what was found
    print_summary(guarded, tried)


def read_table(only: str = "") -> Iterator[Guarded]:
    table = tomllib.loads((HERE / "table.toml").read_text())
    for area, rules in table.items():
        for rule in rules:
            for path in _paths(rule["modules"]):
                if only in f"{area} {path}":
                    changes = changes_of(path, (ROOT / path).read_text())
                    yield Guarded(area, path, rule["tests"], changes)


def _paths(patterns: Sequence[str]) -> list[Path]:
    found = [sorted(ROOT.glob(pattern)) for pattern in patterns]
    for pattern, paths in zip(patterns, found, strict=True):
        if not paths:
            raise SystemExit(f"tests/mutants/table.toml: no module is {pattern}")
    return [path.relative_to(ROOT) for paths in found for path in paths]


def sampled(
    guarded: Sequence[Guarded], wanted: str, seed: int
) -> list[tuple[Guarded, Change]]:
    """As many of each module, so that a large one does not hide a small one."""
    chance = random.Random(seed)
    drawn = [
        [
            (module, change)
            for change in chance.sample(module.changes, len(module.changes))
        ]
        for module in guarded
    ]
    if wanted == "all":
        return [pair for pairs in drawn for pair in pairs]
    rounds = max((len(pairs) for pairs in drawn), default=0)
    in_turn = [
        pairs[turn] for turn in range(rounds) for pairs in drawn if turn < len(pairs)
    ]
    sample = in_turn[: int(wanted)]
    return sorted(sample, key=lambda pair: guarded.index(pair[0]))


def survivors_of(
    report: Path, guarded: Sequence[Guarded]
) -> list[tuple[Guarded, Change]]:
    """What survived when *report* was written, as far as its text still stands."""
    rows = json.loads(report.read_text())["tried"]
    survived = {
        (Path(row["module"]).name, row["in"], row["was"], row["now"])
        for row in rows
        if row["outcome"] == SURVIVED
    }
    return [
        (module, change)
        for module in guarded
        for change in module.changes
        if _name_of(change) in survived
    ]


def run(sample: Sequence[tuple[Guarded, Change]], jobs: int) -> Iterator[Tried]:
    houses: SimpleQueue[House] = SimpleQueue()
    for at in range(jobs):
        houses.put(build_house(BUILD / f"mutants/{at}"))
    same = read_same()
    with ThreadPoolExecutor(jobs) as pool:
        every = dict.fromkeys(file for module, _ in sample for file in module.tests)
        usual: dict[str, Usual] = {}
        for one in pool.map(partial(_usual, houses), every):
            usual[one.file] = one
            print(f"{one.took:.0f} s without a mutant: {one.file}", flush=True)

        def tried(pair: tuple[Guarded, Change]) -> Tried:
            module, change = pair
            why = same.get(_name_of(change), "")
            if why:
                return Tried(change, SAME, 0, why)
            files = [usual[file] for file in module.tests]
            return _tried(change, chosen_tests(change, files), houses)

        trials = [pool.submit(tried, pair) for pair in sample]
        for at, done in enumerate(as_completed(trials), 1):
            now = done.result()
            print(f"{at}/{len(sample)} {now.outcome:<8} {_shown(now)}", flush=True)
            yield now


def _usual(houses: SimpleQueue[House], file: str) -> Usual:
    house = houses.get()
    try:
        return usual_run_once(house, file, BUILD / "mutants-usual")
    finally:
        houses.put(house)


def _tried(change: Change, choice: Choice, houses: SimpleQueue[House]) -> Tried:
    house = houses.get()
    began = time.monotonic()
    try:
        with house.changed(change.path, change.changed_text()):
            outcome = house.run_tests(
                choice.tests,
                choice.seconds,
                # One test that hangs is enough: the rest would be waited for in vain.
                *("-o", f"faulthandler_timeout={choice.longest:.0f}"),
                *("-o", "faulthandler_exit_on_timeout=true"),
            )
    finally:
        houses.put(house)
    return Tried(change, outcome, time.monotonic() - began)


def read_same() -> dict[tuple[str, ...], str]:
    """The changes that alter nothing, and why."""
    listed = tomllib.loads((HERE / "same.toml").read_text())
    return {
        (module, one["in"], one["was"], one["now"]): one["why"]
        for module, changes in listed.items()
        for one in changes
    }


def _name_of(change: Change) -> tuple[str, ...]:
    """What names a change however its module moves: its file's name and its text."""
    return change.path.name, change.statement, change.was, change.now


def _shown(tried: Tried) -> str:
    change = tried.change
    return f"{change.path}:{change.line}  {change.was}  ->  {change.now}"


def write(tried: Sequence[Tried], seed: int) -> None:
    BUILD.mkdir(exist_ok=True)
    rows = [
        {
            "module": str(one.change.path),
            "line": one.change.line,
            "in": one.change.statement,
            "was": one.change.was,
            "now": one.change.now,
            "outcome": one.outcome,
            "seconds": round(one.seconds, 1),
            **({"why": one.why_same} if one.why_same else {}),
        }
        for one in tried
    ]
    text = json.dumps({"seed": seed, "tried": rows}, ensure_ascii=False, indent=1)
    (BUILD / "mutants.json").write_text(text + "\n")


def print_summary(guarded: Sequence[Guarded], tried: Sequence[Tried]) -> None:
    print(f"\n{'tried':>6} {'noticed':>8} {'survived':>9} {'same':>5} {'share':>6}")
    for area in dict.fromkeys(module.area for module in guarded):
        ours = [module.path for module in guarded if module.area == area]
        for path in ours:
            _print_row(str(path), [one for one in tried if one.change.path == path])
        _print_row(f"= {area}", [one for one in tried if one.change.path in ours])
    share = _print_row("= total", tried)
    late = sum(one.outcome == TIMEOUT for one in tried)
    print(f"\nmutants.noticed = {share:.3f}  (goal >= {GOAL}; {late} by a timeout)")
    for one in tried:
        if one.outcome == SURVIVED:
            print(f"survived  {_shown(one)}")


def _print_row(name: str, tried: Sequence[Tried]) -> float:
    outcomes = Counter(one.outcome for one in tried)
    survived, same = outcomes[SURVIVED], outcomes[SAME]
    real = len(tried) - same
    share = (real - survived) / real if real else 1.0
    if tried:
        counts = f"{len(tried):>6} {real - survived:>8} {survived:>9} {same:>5}"
        print(f"{counts} {share:>6.2f}  {name}")
    return share


if __name__ == "__main__":
    main()
