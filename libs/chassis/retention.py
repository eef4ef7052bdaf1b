"""How long each thing is there, and the one loop that removes what has had its time.

A rule is data and stands beside the table or folder that it is about, in the service
that owns it. A thing without a time is there for ever: for it ``Holding.remove`` is
never called, whatever the clock says (docs/decisions/0094). Start at ``purge``.
"""

import asyncio
import contextlib
import sys
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

import structlog

from chassis.clock import LOCAL, Clock
from chassis.database import Database
from chassis.retention_rule import RetentionRule
from ecopy.refusals import Trouble

log = structlog.get_logger()

BATCH: Final = 500
"""Removed in one transaction: others write between two of them."""
BATCHES: Final = 40
"""In one turn, so that a turn ends; the next one goes on."""
EVERY_SECONDS: Final = 3600.0
LOCK: Final = "purge"
NOT_READ: Final = 3
FOR_EVER: Final = "giữ mãi · for ever"


@dataclass(frozen=True, slots=True)
class Amount:
    """What there is of a thing now."""

    count: int
    oldest: datetime | None = None
    due: int = 0
    """How many the next purge would remove."""
    size: int | None = None
    """Bytes, where they are known."""


class Holding(Protocol):
    """One kind of thing in its place."""

    async def amount(self, before: datetime | None) -> Amount:
        """*before*: what is older has had its time; None where nothing ever has."""
        ...

    async def remove(self, before: datetime, most: int) -> int:
        """Remove up to *most* of what is older; how many were removed. MUST be safe to
        repeat, also after a crash in the middle.
        """
        ...


Held = tuple[RetentionRule, Holding]
Note = Callable[[str, int], Awaitable[None]]
"""Writes down that so many of that name were removed."""


async def _logged(_name: str, _removed: int) -> None:
    """The log line is all."""


async def purge(held: Iterable[Held], now: datetime, note: Note = _logged) -> int:
    """Remove what has had its time; how many things that were. Each rule is by itself:
    trouble with one leaves it to the next turn.
    """
    removed = 0
    for rule, holding in held:
        if rule.keep is None:
            continue
        try:
            removed += await _purged(rule, holding, now - rule.keep, note)
        except Trouble as trouble:
            log.warning("purge_hindered", thing=rule.name, error=str(trouble))
    return removed


async def _purged(
    rule: RetentionRule, holding: Holding, before: datetime, note: Note
) -> int:
    removed = 0
    for _ in range(BATCHES):
        batch = await holding.remove(before, BATCH)
        removed += batch
        if batch < BATCH:
            break
    if removed:
        log.info("purged", thing=rule.name, removed=removed, before=before.isoformat())
        # A crash here has removed what the log names and nobody wrote down: the turn
        # before it is named by the log alone.
        await note(rule.name, removed)
    return removed


async def keep_purging(
    held: Iterable[Held],
    database: Database,
    clock: Clock,
    stop: asyncio.Event,
    *,
    note: Note = _logged,
) -> None:
    """At the start and each hour, until *stop*: by each replica what lies on its
    machine, the rest by one replica at a time.
    """
    things = tuple(held)
    here = [each for each in things if each[0].here]
    shared = [each for each in things if not each[0].here]
    while not stop.is_set():
        try:
            await purge(here, clock(), note)
            if await database.holds(LOCK):
                await purge(shared, clock(), note)
        except Trouble as trouble:
            log.warning("purge_hindered", error=str(trouble))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), EVERY_SECONDS)


async def report(service: str, held: Iterable[Held], now: datetime) -> list[str]:
    """Two lines for each thing: how much there is and what the next purge removes, and
    the rule. Raises Trouble.
    """
    lines: list[str] = []
    for rule, holding in held:
        before = None if rule.keep is None else now - rule.keep
        amount = await holding.amount(before)
        lines += [f"{service:8} {rule.name:16} {_amount(amount)}", f"    {_rule(rule)}"]
    return lines


def show_retention(service: str, lines: Coroutine[object, object, list[str]]) -> int:
    """Print what *lines* comes to; exit status 3 where something does not answer."""
    try:
        sys.stdout.write("\n".join(asyncio.run(lines)) + "\n")
    except Trouble as trouble:
        sys.stderr.write(
            f"{service}: không đọc được · cannot be read ({trouble}): thử lại sau một"
            f" phút · try again in a minute\n"
        )
        return NOT_READ
    return 0


def _amount(amount: Amount) -> str:
    parts = [f"{amount.count:>8}"]
    if amount.size is not None:
        parts.append(f"{amount.size} bytes")
    if amount.oldest is not None:
        oldest = amount.oldest.astimezone(LOCAL).strftime("%d/%m/%Y %H:%M")
        parts.append(f"cũ nhất · oldest {oldest}")
    parts.append(f"sẽ xóa · to be removed {amount.due}")
    return ", ".join(parts)


def _rule(rule: RetentionRule) -> str:
    how_long = FOR_EVER
    if rule.keep is not None:
        how_long = f"{_spelt(rule.keep)} {rule.counted_from}"
    return f"{how_long}; {rule.law}" if rule.law else how_long


def _spelt(keep: timedelta) -> str:
    if not keep:
        return "ngay · at once,"
    # In the largest unit that it fills: nobody reads 3.04167 days.
    units = (
        (timedelta(days=1), "ngày · days"),
        (timedelta(hours=1), "giờ · hours"),
        (timedelta(minutes=1), "phút · minutes"),
    )
    size, name = next((unit for unit in units if not keep % unit[0]), units[-1])
    return f"{keep / size:g} {name},"
