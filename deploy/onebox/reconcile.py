"""``ecopy reconcile``: the three services' books held against each other.

Each service's own command reads its own tables and its own bucket, also while the house
runs; here they are compared and said. Start at ``reconcile``.
"""

import argparse
import json
import subprocess
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from chassis.clock import LOCAL
from chassis.starting import CannotStart
from ecopy.reckoning import Counter, Reckoning, RegisterReckoning
from onebox import programs, settings
from onebox.places import SERVICES, Places, Ports
from onebox.plain import complain, say
from onebox.reckoned import Comparison, Readings, compared, repairable
from onebox.reconcile_words import sentence
from onebox.upkeep import check_database, places_of

SOUND, FINDINGS, UNREADABLE = 0, 1, 3
"""Exit status of the command; 2 is argparse's."""
HELP: Final = "every number in one place: exit status 0 sound, 1 findings, 3 not read"


def add_words(commands: Any, command: Any) -> None:
    """*command* makes one word with the options that all words of ``ecopy`` have."""
    word = command(commands, "reconcile", reconcile, HELP)
    word.add_argument("--deep", action="store_true", help="read every archived byte")
    word.add_argument(
        "--repair", action="store_true", help="mend what can be proved, then look again"
    )
    word.add_argument("--json", action="store_true", help="for programs")
    word.add_argument(
        "--from",
        dest="folder",
        type=Path,
        help="compare what each service's own reconcile has printed into this folder:"
        " intake.json, storage.json, signing.json",
    )


def reconcile(needs: argparse.Namespace) -> int:
    """Exit status SOUND, FINDINGS or UNREADABLE, which says which books."""
    try:
        found = _compared(needs)
    except CannotStart as error:
        complain(error)
        return UNREADABLE
    _say_as_json(found) if needs.json else _say(found)
    return FINDINGS if found.findings else SOUND


def _compared(needs: argparse.Namespace) -> Comparison:
    if needs.folder is not None:
        intake, storage, signing = (
            _parsed(name, _printed(needs.folder / f"{name}.json"))
            for name in ("intake", "storage", "signing")
        )
        return compared(Readings(intake, storage, signing, intake))
    places, ports = places_of(needs)
    for name in SERVICES:
        check_database(places, name)
    options = ("--deep",) if needs.deep else ()
    found = compared(_read(places, ports, options))
    if not needs.repair or not found.findings:
        return found
    _repair(places, ports, found)
    return compared(_read(places, ports, options))


def _printed(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable(file.stem, f"{file}: {error}") from error


def _read(places: Places, ports: Ports, options: tuple[str, ...]) -> Readings:
    """In this order: see ``reckoned``."""
    return Readings(
        before=_ask("intake", places, ports),
        storage=_ask("storage", places, ports, *options),
        signing=_ask("signing", places, ports),
        after=_ask("intake", places, ports),
    )


def _repair(places: Places, ports: Ports, found: Comparison) -> None:
    """Rows that the archive proves, and orders that bring what is late. Both commands
    do again what the services do by themselves, so repeating them is harmless.
    """
    _ask("storage", places, ports, "--repair")
    if late := repairable(found):
        _run("intake", places, ports, "--announce", *late)


def _ask(name: str, places: Places, ports: Ports, *options: str) -> Reckoning:
    return _parsed(name, _run(name, places, ports, *options))


def _run(name: str, places: Places, ports: Ports, *options: str) -> str:
    done = subprocess.run(  # noqa: S603 - our own program
        (settings.python(), "-m", name, "reconcile", *options),
        env=settings.for_child(programs.environment(name, places, ports)),
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise _unreadable(name, done.stderr.strip()[-500:])
    return done.stdout


def _parsed(name: str, printed: str) -> Reckoning:
    """The last line: what a service logs stands before it."""
    try:
        said = Reckoning.model_validate_json((printed.splitlines() or [""])[-1])
    except ValidationError as error:
        raise _unreadable(name, f"{error.error_count()} × JSON") from error
    if said.service != name:
        raise _unreadable(name, said.service)
    return said


def _unreadable(name: str, why: str) -> CannotStart:
    return CannotStart(
        f"Không đọc được sổ của {name} nên không đối chiếu được: {why}",
        f"The books of {name} could not be read, so nothing was compared: {why}",
    )


def _say(found: Comparison) -> None:
    for finding in found.findings:
        vi, en = sentence(finding)
        say(f"✗ {vi}.\n  {en}.")
    for line in found.in_work if found.findings else ():
        say(_in_work(line))
    given = found.issued + len(found.in_work) + found.void
    counts = _counts(found)
    gap, double, mismatch = (counts[counter] for counter in Counter)
    say(
        f"{given} số: {found.issued} đã cấp, {len(found.in_work)} đang làm,"
        f" {found.void} hủy; {found.lost} dòng mất. Thiếu {gap}, trùng {double},"
        f" lệch {mismatch}.\n"
        f"{given} numbers: {found.issued} issued, {len(found.in_work)} in work,"
        f" {found.void} void; {found.lost} lines lost. Gap {gap}, double {double},"
        f" mismatch {mismatch}."
    )


def _in_work(line: RegisterReckoning) -> str:
    since = line.since.astimezone(LOCAL)
    again = line.next_try_at.astimezone(LOCAL) if line.next_try_at else None
    tries = f", thử lại · again {again:%d/%m %H:%M}" if again else ""
    why = f", {line.reason} ({line.stage})" if line.reason else ""
    return f"  … {line.entry}: {line.state}, từ · since {since:%d/%m %H:%M}{why}{tries}"


def _say_as_json(found: Comparison) -> None:
    say(
        json.dumps(
            {
                **{counter.value: n for counter, n in _counts(found).items()},
                "issued": found.issued,
                "void": found.void,
                "lost": found.lost,
                "in_work": [line.model_dump(mode="json") for line in found.in_work],
                "findings": [f.model_dump(mode="json") for f in found.findings],
            },
            ensure_ascii=False,
        )
    )


def _counts(found: Comparison) -> dict[Counter, int]:
    return {c: sum(f.counter is c for f in found.findings) for c in Counter}
