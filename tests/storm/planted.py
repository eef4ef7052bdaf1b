"""Mistakes made on purpose in a copy of the tree, to prove that the judge sees them.

Each goes through the course that it cannot bear, and must break its own invariant.
Start at ``run_planted``.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from onebox.processes import dying_with_parent
from storm.mistakes import BUGS, Bug
from storm.report import GOALS, write
from storm.walls import ROOT

COPIED = ("libs", "services", "deploy", "tests/storm", "tests/support", "tests/corpus")
MINUTES = 12


def run_planted(needs: argparse.Namespace) -> int:
    """0 if each bug was caught by its own invariant; all of them for ``all``."""
    names = list(BUGS) if needs.planted == "all" else [needs.planted]
    with tempfile.TemporaryDirectory(prefix="storm-planted-") as folder:
        trials = [Trial(name, BUGS[name], Path(folder) / name) for name in names]
        _run_all(trials, needs)
        caught = [trial.name for trial in trials if trial.is_caught()]
    for name in names:
        print(f"planted {name}: {'caught' if name in caught else 'NOT CAUGHT'}")
    if needs.planted == "all":
        unit, goal = GOALS["planted_bugs_caught"]
        figure = {"value": len(caught), "unit": unit, "goal": goal}
        write({"planted_bugs_caught": figure}, needs.figures)
    return 0 if len(caught) == len(names) else 1


@dataclass
class Trial:
    """One mistaken tree in a folder of its own, and the storm that goes over it."""

    name: str
    bug: Bug
    folder: Path
    process: subprocess.Popen | None = None
    began: float = 0.0

    def prepare(self) -> None:
        copy_tree(self.folder / "tree")
        for edit in self.bug.edits:
            edit.apply(self.folder / "tree")

    def start(self, needs: argparse.Namespace) -> None:
        self.began = time.monotonic()
        with self.words.open("w") as out:
            self.process = subprocess.Popen(
                _command(self.bug, needs, self.figures, self.folder),
                cwd=self.folder / "tree",
                env={k: v for k, v in os.environ.items() if k != "PYTHONPATH"},
                stdout=out,
                stderr=out,
                preexec_fn=dying_with_parent(),  # noqa: PLW1509 - there is no thread
            )

    @property
    def figures(self) -> Path:
        return self.folder / "faults.json"

    @property
    def words(self) -> Path:
        return self.folder / "words.txt"

    def is_over(self) -> bool:
        assert self.process is not None
        if time.monotonic() - self.began > MINUTES * 60:
            self.process.kill()
            self.process.wait()
        return self.process.poll() is not None

    def is_caught(self) -> bool:
        """By its own invariant, in a house that was up and answered to the end."""
        words = self.words.read_text()
        if "up after" not in words or "nobody answers" in words:
            return False
        found = json.loads(self.figures.read_text()) if self.figures.exists() else {}
        broken = found.get(self.bug.breaks, {}).get("value", 0)
        return self.process is not None and self.process.returncode == 1 and broken > 0

    def print_words(self) -> None:
        took = time.monotonic() - self.began
        print(f"planted {self.name}: course {self.bug.course}, {took:.0f} s, "
              f"must break {self.bug.breaks}")  # fmt: skip
        words = self.words.read_text().splitlines()
        print("\n".join(words[-40:]), flush=True)


def _run_all(trials: list[Trial], needs: argparse.Namespace) -> None:
    """Some at a time: each has walls of its own, and a course waits more than it works
    (for a start, for a copy that does not come).
    """
    for trial in trials:
        trial.prepare()  # all of one moment, whoever edits the tree meanwhile
    waiting, running = list(trials), list[Trial]()
    while waiting or running:
        while waiting and len(running) < needs.lanes:
            running.append(waiting.pop(0))
            running[-1].start(needs)
        for trial in [each for each in running if each.is_over()]:
            running.remove(trial)
            trial.print_words()
        time.sleep(0.2)


def copy_tree(tree: Path) -> None:
    """What runs, and nothing of the work tree's own state."""
    aside = shutil.ignore_patterns("__pycache__", "files")
    for part in COPIED:
        shutil.copytree(ROOT / part, tree / part, ignore=aside)


def _command(
    bug: Bug, needs: argparse.Namespace, figures: Path, keep: Path
) -> list[str]:
    return [
        *(sys.executable, "-m", "tests.storm", "--scenario", bug.course),
        *("--house", bug.house, "--seed", str(needs.seed), "--drain", "40"),
        *("--workers", "2", "--port", str(needs.port)),
        *("--figures", str(figures), "--keep", str(keep / "kept")),
    ]
