"""The desk's application over a real port, in a thread with a loop of its own, with
papers in every state and somebody for each role; for what a browser looks at.
"""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from chassis import http
from intake.adapters.sql.users import SqlUsers
from intake.app.application import create_app
from intake.domain.people import Role, User
from intake.domain.records import Note
from support.intake import AGENCY
from support.papers import Papers, open_papers
from support.servers import free_port, listening, wait_for

Bring = Callable[[Papers], Awaitable[str]]
EVERY_STATE: tuple[Bring, ...] = (
    *(Papers.received, Papers.scanned, Papers.compared, Papers.awaiting),
    *(Papers.supplement, Papers.returned, Papers.registered, Papers.halted),
    *(Papers.issued, Papers.handed, Papers.refused, Papers.not_accepted),
)


@contextmanager
def served(folder: Path, bring: tuple[Bring, ...] = EVERY_STATE) -> Iterator[str]:
    """The address of the desk."""
    port, loop, stop = free_port(), asyncio.new_event_loop(), asyncio.Event()
    serving = threading.Thread(
        target=loop.run_until_complete, args=(_serve(folder, bring, port, stop),)
    )
    serving.start()
    try:
        wait_for(partial(listening, port), "the desk")
        yield f"http://127.0.0.1:{port}"
    finally:
        loop.call_soon_threadsafe(stop.set)
        serving.join(60)
        loop.close()


def user_of(role: Role) -> str:
    """The sign-in name of whoever has that role alone; the password is ``PASSWORD``."""
    return f"di-{role}"


async def _serve(
    folder: Path, bring: tuple[Bring, ...], port: int, stop: asyncio.Event
) -> None:
    async with open_papers(folder) as papers:
        for each in bring:
            await each(papers)
        for role in Role:
            await _hire(papers, role)
        await http.serve(create_app(papers.desk), "127.0.0.1", port, stop)


async def _hire(papers: Papers, role: Role) -> None:
    users = SqlUsers(papers.opened.store)
    like = await users.find("vinh")
    if like is None:
        raise AssertionError("the staff is hired by open_papers")
    officer = like.officer if role is Role.CERTIFIER else None
    user = User(
        *(user_of(role), f"Người {role}", AGENCY),
        roles=frozenset({role}),
        officer=officer,
        password=like.password,
    )
    await users.add(user, Note(papers.opened.clock(), "", "", AGENCY, "user-added"))
