"""A house that is up for as long as its command runs: ``ecopy demo`` and ``ecopy up``.

Start at ``up``.
"""

import argparse
import asyncio
import contextlib
import signal
import time
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any, Final

from chassis.clock import Clock, utc_now
from chassis.starting import CannotStart
from onebox import house, sample, story
from onebox.doctor import walls
from onebox.house import House
from onebox.locked import only_one
from onebox.places import Places
from onebox.plain import say
from onebox.prepare import is_demo

INTERRUPTED: Final = 130
InHouse = Callable[[House], Coroutine[Any, Any, int]]
OpenHouse = Callable[[Places, int, Clock], AbstractAsyncContextManager[House]]
Story = Callable[[House, story.Scan], Awaitable[story.DemoResult]]


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
