"""Which tests a change is shown to: those that ran its statement."""

import hashlib
import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from mutants.changes import Change
from mutants.house import SOURCES, SURVIVED, House

_USUAL_SECONDS = 1800
_SPARE_SECONDS, _SLOWER = 30, 5


@dataclass(frozen=True)
class Usual:
    """How one file of tests goes with nothing wrong."""

    file: str
    took: float
    lines: dict[str, dict[str, list[str]]]
    """Module, then line, to the tests that ran it; "" is the import."""
    seconds: dict[str, float]
    """By test, in the order that they ran."""


@dataclass(frozen=True)
class Choice:
    tests: list[str]
    seconds: float
    """They may take so long together."""
    longest: float
    """A single one of them, in seconds."""


def chosen_tests(change: Change, files: Sequence[Usual]) -> Choice:
    """The tests that ran the change's statement.

    All of the files where it ran at the import, or only in another process.
    """
    longest = max((s for usual in files for s in usual.seconds.values()), default=0)
    tests, took = _chosen(change, files)
    return Choice(
        tests, _SPARE_SECONDS + _SLOWER * took, _SPARE_SECONDS + _SLOWER * longest
    )


def _chosen(change: Change, files: Sequence[Usual]) -> tuple[list[str], float]:
    """The tests, and how many seconds they usually take."""
    ran = {
        test
        for usual in files
        for line in change.lines
        for test in usual.lines.get(str(change.path), {}).get(str(line), [])
    }
    if not ran or "" in ran:
        return [usual.file for usual in files], sum(usual.took for usual in files)
    quick_first = sorted(files, key=lambda usual: usual.took)
    chosen = {
        test: seconds
        for usual in quick_first
        for test, seconds in usual.seconds.items()
        if test in ran
    }
    # Most changes are noticed on SQLite already: then no PostgreSQL is started.
    tests = sorted(chosen, key=lambda test: "postgresql" in test)
    return tests, sum(chosen.values())


def usual_run_once(house: House, file: str, store: Path) -> Usual:
    """Like ``usual_run``, but what ran before over the same sources is read again."""
    known = store / f"{_digest(house.place, file)}.json"
    if known.exists():
        return Usual(**json.loads(known.read_text()))
    usual = usual_run(house, file)
    store.mkdir(parents=True, exist_ok=True)
    known.write_text(json.dumps(asdict(usual)))
    return usual


def _digest(place: Path, file: str) -> str:
    """Names what a run of *file* depends on: the product, what tests share, itself."""
    digest = hashlib.sha256(file.encode())
    shared = [
        path
        for folder in (*SOURCES, "tests")
        for path in sorted((place / folder).rglob("*.*"))
        if path.is_file()
        and not path.name.startswith("test_")
        and not {"__pycache__", "mutants"} & set(path.relative_to(place).parts)
    ]
    for path in (*shared, place / file):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def usual_run(house: House, file: str) -> Usual:
    """Run the tests of *file* once on the house as it is; they must pass."""
    written = house.place / "lines.json"
    written.unlink(missing_ok=True)
    began = time.monotonic()
    house.run_tests(
        [file],
        _USUAL_SECONDS,
        *("--maxfail=1000", "-p", "mutants.lines"),
        PYTHONPATH=str(house.place / "tests"),
        LINES_OF_TESTS=str(written),
    )
    took = time.monotonic() - began
    if not written.exists():
        raise SystemExit(f"{file} cannot be run: {house.place}/last.log")
    found = json.loads(written.read_text())
    # A test that measures its own speed may fail for the tracer alone.
    failed = found["failed"]
    if failed and house.run_tests(failed, _USUAL_SECONDS) != SURVIVED:
        raise SystemExit(f"{file} fails by itself: {house.place}/last.log")
    return Usual(file, took, found["lines"], found["seconds"])
