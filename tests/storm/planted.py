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
from dataclasses import dataclass
from pathlib import Path

from onebox.processes import die_with_parent
from storm.report import GOALS, write
from storm.walls import ROOT

COPIED = ("libs", "services", "deploy", "tests/storm", "tests/support", "tests/corpus")
MINUTES = 12


@dataclass(frozen=True)
class Edit:
    file: str
    before: str
    """It stands once in the file."""
    after: str

    def apply(self, tree: Path) -> None:
        path = tree / self.file
        text = path.read_text("utf-8")
        if text.count(self.before) != 1:
            raise LookupError(f"{self.file}: a planted bug does not fit any more")
        path.write_text(text.replace(self.before, self.after), "utf-8")


@dataclass(frozen=True)
class Bug:
    edits: tuple[Edit, ...]
    course: str
    breaks: str
    """The invariant that must be broken, by its figure's name."""
    house: str = "usual"


RELAY = "libs/chassis/outbox.py"
BUGS = {
    "marks-before-answer": Bug(
        (
            Edit(
                RELAY,
                "        stored = await self._publish(letters)\n",
                "        early = [each.position for each in letters]\n"
                "        at = self._clock()\n"
                "        await self._database.write(lambda tx: _mark(tx, early, at))\n"
                "        stored = await self._publish(letters)\n",
            ),
        ),
        "bus-and-relay",
        "stuck",
    ),
    "ack-before-commit": Bug(
        (
            Edit(
                "libs/chassis/consumer.py",
                "            await _handle(subscription, event)\n"
                "        await message.ack()\n",
                "            await message.ack()\n"
                "            await _handle(subscription, event)\n",
            ),
        ),
        "points",
        "stuck",
    ),
    "synchronous-normal": Bug(
        (
            Edit(
                "libs/chassis/engines.py", '"synchronous=FULL"', '"synchronous=NORMAL"'
            ),
        ),
        "power-cut",
        "lost",
    ),
    "directory-not-flushed": Bug(
        (
            Edit(
                "libs/chassis/objects/durable.py",
                "    fd = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)\n",
                "    return\n"
                "    fd = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)\n",
            ),
        ),
        "idle-cut",
        "lost",
    ),
    "number-outside": Bug(
        (
            Edit(
                "services/intake/adapters/sql/cases.py",
                "        outcome = await form_uses.write(\n"
                "            self._database, lambda tx: _enter(",
                "        drawn = await self._database.write(_drawn)\n"
                "        outcome = await form_uses.write(\n"
                "            self._database, lambda tx: _enter(",
            ),
            Edit(
                "services/intake/adapters/sql/cases.py",
                "_enter(tx, document, year, decide), _changed",
                "_enter(tx, document, year, decide, drawn), _changed",
            ),
            Edit(
                "services/intake/adapters/sql/cases.py",
                "    decide: Callable[[CaseDocument, int], Outcome],\n) -> Outcome:\n",
                "    decide: Callable[[CaseDocument, int], Outcome],\n"
                "    ordinal: int,\n"
                ") -> Outcome:\n",
            ),
            Edit(
                "services/intake/adapters/sql/cases.py",
                "    ordinal = register.next_ordinal("
                "tx, before.agency, ELECTRONIC, year)\n",
                "",
            ),
            Edit(
                "services/intake/adapters/sql/cases.py",
                "def _opened(opening: Opening)",
                "def _drawn(tx: Connection) -> int:\n"
                "    from intake.adapters.sql.tables import holds\n\n"
                "    drawn = holds.c.name.like('drawn/%')\n"
                "    n = (tx.scalar(select(func.count()).where(drawn)) or 0) + 1\n"
                "    tx.execute(insert(holds).values(name=f'drawn/{n}'))\n"
                "    return n\n\n\n"
                "def _opened(opening: Opening)",
            ),
        ),
        "points",
        "holes",
    ),
    "link-not-checked": Bug(
        (
            Edit(
                "services/storage/adapters/catalogue.py",
                "        select(links).where(links.c.token_sha256 == token_sha256)\n"
                "    ).first()\n",
                "        select(links).where(links.c.token_sha256 == token_sha256)\n"
                "    ).first() or tx.execute(select(links)).first()\n",
            ),
            Edit(
                "services/storage/usecases/answering.py",
                "    if not hmac.compare_digest(link.token_sha256, digest):\n"
                "        return None\n",
                "",
            ),
        ),
        "calm",
        "open_links",
    ),
    "not-read-back": Bug(
        (
            Edit(
                "services/storage/adapters/custody.py",
                "        same = await self._archive.equals(key, _view(sealed))\n",
                "        same = True\n",
            ),
        ),
        "lying",
        "lost",
        house="servers",
    ),
    "bus-not-flushed": Bug(
        (
            Edit(
                "deploy/onebox/bus_server.py",
                "  sync_interval: always\n",
                '  sync_interval: "2m"\n',
            ),
            Edit(
                "libs/chassis/monitor.py",
                '    if not config.get("sync_always"):\n',
                "    if not config:\n",
            ),
        ),
        "waiting-cut",
        "stuck",
    ),
}


def run_planted(needs: argparse.Namespace) -> int:
    """0 if each bug was caught by its own invariant; all of them for ``all``."""
    names = list(BUGS) if needs.planted == "all" else [needs.planted]
    caught = [name for name in names if _is_caught(name, BUGS[name], needs)]
    for name in names:
        print(f"planted {name}: {'caught' if name in caught else 'NOT CAUGHT'}")
    if needs.planted == "all":
        unit, goal = GOALS["planted_bugs_caught"]
        figure = {"value": len(caught), "unit": unit, "goal": goal}
        write({"planted_bugs_caught": figure}, needs.figures)
    return 0 if len(caught) == len(names) else 1


def _is_caught(name: str, bug: Bug, needs: argparse.Namespace) -> bool:
    print(f"planted {name}: course {bug.course}, must break {bug.breaks}", flush=True)
    with tempfile.TemporaryDirectory(prefix=f"storm-{name}-") as folder:
        tree = Path(folder) / "tree"
        copy_tree(tree)
        for edit in bug.edits:
            edit.apply(tree)
        figures = Path(folder) / "faults.json"
        done = subprocess.run(
            _command(bug, needs, figures, Path(folder)),
            cwd=tree,
            env={k: v for k, v in os.environ.items() if k != "PYTHONPATH"},
            check=False,
            capture_output=True,
            text=True,
            timeout=MINUTES * 60,
            preexec_fn=die_with_parent,
        )
        found = json.loads(figures.read_text()) if figures.exists() else {}
        print(
            "\n".join(done.stdout.splitlines()[-40:]), done.stderr[-2000:], flush=True
        )
    return done.returncode == 1 and found.get(bug.breaks, {}).get("value", 0) > 0


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
