"""``ecopy``: bring the house up, show what it does, clear it away.

Words and options are in ``arguments``; each command here is short and calls ``house``,
``story``, ``doctor`` and the others. Start at ``main``.
"""

import argparse
import asyncio
import contextlib
import errno
import os
import shutil
import signal
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any, Final

import httpx

from chassis.clock import Clock, utc_now
from chassis.starting import CannotStart
from onebox import house, sample, story, upkeep
from onebox.arguments import Acts, parser_for
from onebox.doctor import examine, walls
from onebox.files import OTHERS, make_folder
from onebox.house import House
from onebox.locked import only_one
from onebox.places import Places
from onebox.plain import complain, say
from onebox.prepare import is_demo
from onebox.upkeep import places_of

INTERRUPTED: Final = 130
InHouse = Callable[[House], Coroutine[Any, Any, int]]
OpenHouse = Callable[[Places, int, Clock], AbstractAsyncContextManager[House]]
Story = Callable[[House, story.Scan], Awaitable[story.DemoResult]]


def main(words: Sequence[str] | None = None, *, acts: Acts | None = None) -> int:
    """Exit status: 0 done, 1 it could not, said in one sentence; ``journal verify``
    and ``audit verify`` have their own. On a full disk that is said too, whatever has
    failed of it.
    """
    os.umask(OTHERS)  # all that this process and its programs make is the owner's
    needs = parser_for(acts or ACTS).parse_args(words)
    needs.var = needs.var.resolve()
    try:
        status: int = needs.act(needs)
    except CannotStart as error:
        complain(error)
    except httpx.HTTPError as error:
        complain(_broken_off(error))
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        complain(_disk_full(needs.var))
        return 1
    else:
        return status
    # Whatever has just failed on a full disk has failed for that, and the other
    # sentence would send the reader somewhere else.
    if house.is_full(needs.var):
        complain(_disk_full(needs.var))
    return 1


async def _story(opened: House, scan: story.Scan) -> story.DemoResult:
    return await story.tell(
        scan,
        desk=opened.desk,
        public=opened.public,
        clerk=opened.person("clerk"),
        certifier=opened.person("certifier"),
        keep_in=opened.places.demo,
    )


def demo(
    needs: argparse.Namespace,
    *,
    open_house: OpenHouse = house.open_house,
    tell: Story = _story,
) -> int:
    scan = sample.own(needs.file) if needs.file else None

    async def act(opened: House) -> int:
        status = await _tell(opened, scan or sample.made(opened.places), tell)
        if not needs.once:
            await _stay()
        return status

    with only_one(needs.var):
        return asyncio.run(_in_house(needs, open_house, act))


def up(needs: argparse.Namespace, *, open_house: OpenHouse = house.open_house) -> int:
    """Start the house and keep it up; a development authority only as a demo."""
    if not needs.demo:
        raise _only_development(needs.var)

    async def act(opened: House) -> int:
        _say_doors(opened)
        await _stay()
        return 0

    with only_one(needs.var):
        return asyncio.run(_in_house(needs, open_house, act))


def reset(needs: argparse.Namespace) -> int:
    with only_one(needs.var):
        for path in needs.var.iterdir():
            if path.is_dir():
                shutil.rmtree(path)
            # The lock is held by this very process: another start must go on waiting
            # for it.
            elif path.name != "lock":
                path.unlink()
    say(f"Đã xóa mọi thứ trong {needs.var} · cleared")
    return 0


def provision(needs: argparse.Namespace) -> int:
    """Make what is missing on a bus that is up already; every start does it too."""
    places, ports = places_of(needs)
    asyncio.run(house.provision(places, ports))
    return 0


def migrate(needs: argparse.Namespace) -> int:
    places, ports = places_of(needs)
    asyncio.run(house.migrate(places, ports))
    return 0


def doctor(needs: argparse.Namespace) -> int:
    make_folder(needs.var)
    findings = list(examine(Places(needs.var), needs.port, now=utc_now()))
    for found in findings:
        say(f"{'✓' if found.good else '✗'} {found.text}")
    return 0 if all(f.good for f in findings) else 1


def backup(needs: argparse.Namespace) -> int:
    # Databases take half of a second to import, and no other command asks one.
    from onebox.backup import acts  # noqa: PLC0415

    return acts.backup(needs)


def restore(needs: argparse.Namespace) -> int:
    from onebox.backup import acts  # noqa: PLC0415

    return acts.bring_back(needs)


async def _in_house(
    needs: argparse.Namespace, open_house: OpenHouse, act: InHouse
) -> int:
    _end_on_signals()
    found = walls()
    if not found.good:
        say(f"✗ {found.text}")
    try:
        async with open_house(Places(needs.var), needs.port, utc_now) as opened:
            return await act(opened)
    except asyncio.CancelledError:
        say("Đã dừng · stopped")
        return INTERRUPTED


def _end_on_signals() -> None:
    """The first Ctrl-C or SIGTERM ends in order; more of them change nothing."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()

    def end() -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, lambda: None)
        if task is not None:
            task.cancel()
        say("\nĐang dừng · stopping …")

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, end)


async def _stay() -> None:
    say("Ctrl-C để dừng · to stop")
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.Event().wait()


async def _tell(opened: House, scan: story.Scan, tell: Story) -> int:
    started = time.monotonic()
    result = await tell(opened, scan)
    say(f"  ({time.monotonic() - started:.1f} s)\n")
    say(f"copy: {result.copy}")
    say(f"trust: {opened.places.pki / 'roots.pem'}")
    say(f"link: {result.link}")
    say(f"verify: {result.verify}")
    say(f"verdict: {result.verdict.upper()}")
    _say_doors(opened)
    return 0 if result.verdict == story.GENUINE else 1


def _say_doors(opened: House) -> None:
    say(f"\ndesk: {opened.desk}")
    say(f"hot folder: {opened.places.hot_folder}")
    for person in opened.people:
        say(
            f"sign-in: {person.user}  {person.password}  ({person.name}, {person.role})"
        )
    say()


def _only_development(var: Path) -> CannotStart:
    found = "" if is_demo(Places(var)) is None else f" ({var / 'pki'})"
    return CannotStart(
        f"Ở đây chỉ có chứng thư thử nghiệm{found}, bản sao không có giá trị pháp lý:"
        f" chạy ecopy up --demo nếu chỉ để thử; dùng thật thì theo compose.yaml.",
        f"Here is only a development authority{found}, its copies have no legal value:"
        f" run ecopy up --demo to try it; for real use see compose.yaml.",
    )


def _broken_off(error: httpx.HTTPError) -> CannotStart:
    return CannotStart(
        f"Một dịch vụ không trả lời được ({error!r}): xem nhật ký trong var/log rồi"
        f" chạy lại.",
        f"A service could not answer ({error!r}): see the logs in var/log and run"
        f" again.",
    )


def _disk_full(var: Path) -> CannotStart:
    return CannotStart(
        f"Ổ đĩa của {var} đã đầy: dọn bớt rồi chạy lại, không mất gì đã lưu.",
        f"The disk of {var} is full: make room and run again, nothing stored is lost.",
    )


ACTS: Final = Acts(
    demo=demo,
    up=up,
    reset=reset,
    provision=provision,
    migrate=migrate,
    doctor=doctor,
    user_add=upkeep.user_add,
    pki_revoke=upkeep.pki_revoke,
    pki_renew=upkeep.pki_renew,
    journal_verify=upkeep.journal_verify,
    audit_verify=upkeep.audit_verify,
    backup=backup,
    restore=restore,
)
