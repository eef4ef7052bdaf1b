"""Makes accounts by intake's own command; passwords travel by stdin only."""

import asyncio
import json
from collections.abc import Iterable
from dataclasses import asdict

from chassis.starting import CannotStart
from onebox import programs, settings
from onebox.files import write_text
from onebox.people import Person
from onebox.places import Places, Ports
from onebox.processes import dying_with_parent
from onebox.ward import AGENCY_CODE

TAKEN = 2
"""Exit status of ``python -m intake user-add``: the account exists, unchanged."""


async def add_people(known: Iterable[Person], places: Places, ports: Ports) -> None:
    """Make the demo's accounts, at the first start only: people change passwords."""
    done = places.demo / "people-added"
    if done.exists():
        return
    wanted = [
        {**asdict(person), "roles": person.role, "agency": AGENCY_CODE}
        for person in known
    ]
    # One program for all: each start of it takes a second of the processor.
    status, why = await _told(("users-add",), json.dumps(wanted), places, ports)
    if status != 0:
        raise CannotStart(
            f"Không tạo được tài khoản thử: {why}",
            f"The demo's accounts were not made: {why}",
        )
    write_text(done, "")


async def add(person: Person, agency: str, places: Places, ports: Ports) -> bool:
    """False if there is such an account; CannotStart says what else was wrong."""
    words = ("user-add", person.user, "--name", person.name, "--roles", person.role)
    officer = ("--officer", person.officer) if person.officer else ()
    words = (*words, "--agency", agency, *officer)
    status, why = await _told(words, f"{person.password}\n", places, ports)
    if status not in {0, TAKEN}:
        raise CannotStart(
            f"Không tạo được tài khoản {person.user}: {why}",
            f"Account {person.user} was not made: {why}",
        )
    return status == 0


async def _told(
    words: tuple[str, ...], typed: str, places: Places, ports: Ports
) -> tuple[int | None, str]:
    """Exit status of intake's command with *typed* on its stdin, and what it said
    against it.
    """
    process = await asyncio.create_subprocess_exec(
        *(settings.python(), "-m", "intake", *words),
        env=settings.for_child(programs.environment("intake", places, ports)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        preexec_fn=dying_with_parent(),
    )
    _, complaint = await process.communicate(typed.encode())
    return process.returncode, complaint.decode(errors="replace").strip()[-300:]
