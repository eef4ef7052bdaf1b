"""Makes accounts by intake's own command; passwords travel by stdin only."""

import asyncio
from collections.abc import Iterable

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
    for person in known:
        await add(person, AGENCY_CODE, places, ports)
    write_text(done, "")


async def add(person: Person, agency: str, places: Places, ports: Ports) -> bool:
    """False if there is such an account; CannotStart says what else was wrong."""
    process = await asyncio.create_subprocess_exec(
        *(settings.python(), "-m", "intake", "user-add", person.user),
        *("--name", person.name, "--roles", person.role, "--agency", agency),
        *(("--officer", person.officer) if person.officer else ()),
        env=settings.for_child(programs.environment("intake", places, ports)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        preexec_fn=dying_with_parent(),
    )
    _, complaint = await process.communicate(f"{person.password}\n".encode())
    if process.returncode not in {0, TAKEN}:
        why = complaint.decode(errors="replace").strip()[-300:]
        raise CannotStart(
            f"Không tạo được tài khoản {person.user}: {why}",
            f"Account {person.user} was not made: {why}",
        )
    return process.returncode == 0
