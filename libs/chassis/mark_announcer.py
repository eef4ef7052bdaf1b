"""When a service publishes its high-water marks, and whether its own tables reach them.

Tables that know less than the service itself had published were put back from an older
backup, or begun anew: then it says so and is not ready. Start at ``Announcer.run``.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, TypeVar

import structlog

from chassis.clock import Clock
from chassis.consumer import Subscription
from chassis.marks import MarkStream
from chassis.retained import BusSilent
from ecopy.events import EntryEvent, Event
from ecopy.identifiers import EntryId
from ecopy.marks import Mark, Marks, YearBook, book_of, marks_of
from ecopy.refusals import Trouble

E = TypeVar("E", bound=Event)
log = structlog.get_logger()

Count = Callable[[], Awaitable[tuple[Mark, ...]]]
"""What a service's own tables know, read anew."""
COUNT_SECONDS: Final = 60.0
"""Between two readings of the tables: each looks at every entry."""
RETRY_SECONDS: Final = 2.0
"""While the bus or the database does not answer."""
SETTLE_SECONDS: Final = 1.0
"""Numbers that come one after the other are published together."""
Figure = Literal["highest", "archived"]


@dataclass(frozen=True, slots=True)
class Shortfall:
    """A book of which a service's own tables know less than was published before."""

    book: YearBook
    figure: Figure
    own: int
    known: int
    by: str
    """The service whose mark is higher."""


class Announcer:
    """Publishes one service's marks, and says where its own tables are behind them."""

    def __init__(
        self,
        service: str,
        stream: MarkStream,
        count: Count,
        clock: Clock,
        *,
        cross: Figure,
    ) -> None:
        """*cross* is which of this service's figures can never be below what the other
        one knows to be archived: signing has met each number that is archived, storage
        has archived it.
        """
        self._service = service
        self._stream = stream
        self._count = count
        self._clock = clock
        self._cross: Figure = cross
        self._own: tuple[Mark, ...] = ()
        self._behind: tuple[Shortfall, ...] = ()
        self._woken = asyncio.Event()

    @property
    def behind(self) -> tuple[Shortfall, ...]:
        """Where the tables knew less than the marks, when they were last counted."""
        return self._behind

    @property
    def lacking(self) -> int:
        """How many numbers the tables lacked then, of all books together."""
        short = {s.book: s.known - s.own for s in self._behind if s.figure == "highest"}
        return sum(short.values())

    def note(self, entry: EntryId) -> None:
        """A number was met: it is published within a second or two."""
        book, ordinal = book_of(entry)
        own = Marks(at=self._clock(), books=self._own)
        met = own.raised_by(marks_of({book: ordinal}, {}))
        if met.books != self._own:
            self._own = met.books
            self._woken.set()

    def noting(self, subscription: Subscription[E]) -> Subscription[E]:
        """The same subscription, with each number noted once its event is handled:
        before, a crash would leave a mark above tables that are well.
        """

        async def handle(event: E) -> None:
            await subscription.handle(event)
            if isinstance(event, EntryEvent):
                self.note(event.entry)

        return replace(subscription, handle=handle)

    async def run(self, stop: asyncio.Event, every: float = COUNT_SECONDS) -> None:
        """Count at the start and every minute, publish also soon after a change."""
        loop = asyncio.get_running_loop()
        next_count, heard = loop.time(), True
        while not stop.is_set():
            self._woken.clear()
            try:
                if loop.time() >= next_count:
                    await self.recount()
                    next_count = loop.time() + every
                await self._publish()
                heard = True
            except (BusSilent, Trouble) as error:
                if heard:  # said once, however long it lasts
                    log.warning("marks_hindered", error=str(error))
                heard = False
                await _first(stop, seconds=RETRY_SECONDS)
                continue
            await _first(stop, self._woken, seconds=next_count - loop.time())
            await _first(stop, seconds=SETTLE_SECONDS)

    async def recount(self) -> None:
        """Read the tables anew and hold them to the marks. BusSilent, Trouble."""
        own = await self._count()
        marks = await self._stream.read_each()
        behind = tuple(shortfalls(self._service, own, marks, cross=self._cross))
        if behind != self._behind:
            _log(self._service, behind)
        self._behind = behind
        self._own = Marks(at=self._clock(), books=own).raised_by(self._own).books

    async def _publish(self) -> None:
        await self._stream.publish(
            self._service, Marks(at=self._clock(), books=self._own)
        )


def shortfalls(
    service: str,
    own: tuple[Mark, ...],
    marks: Mapping[str, Marks | None],
    *,
    cross: Figure,
) -> Iterable[Shortfall]:
    """Where *own* is below what this service published before, or below what the other
    one knows to be archived.
    """
    known = {mark.book: mark for mark in own}
    for other, said in marks.items():
        for mark in said.books if said else ():
            here = known.get(mark.book) or _nothing(mark)
            for figure, least in _least(mark, ours=other == service, cross=cross):
                if getattr(here, figure) < least:
                    yield Shortfall(
                        mark.book, figure, getattr(here, figure), least, other
                    )


def _least(mark: Mark, *, ours: bool, cross: Figure) -> Iterable[tuple[Figure, int]]:
    if not ours:
        return ((cross, mark.archived),)
    return (("highest", mark.highest), ("archived", mark.archived))


def _nothing(mark: Mark) -> Mark:
    return mark.model_copy(update={"highest": 0, "archived": 0})


def _log(service: str, behind: tuple[Shortfall, ...]) -> None:
    if not behind:
        log.info("tables_caught_up", service=service)
    for short in behind:
        log.error(
            "tables_older_than_marks",
            service=service,
            book=str(short.book),
            figure=short.figure,
            own=short.own,
            known=short.known,
            by=short.by,
            vi=f"Cơ sở dữ liệu của {service} cũ hơn những gì đã ghi: sổ {short.book}"
            f" chỉ biết đến số {short.own}, đã có số {short.known}. Dừng dịch vụ, phục"
            f" hồi bản sao lưu mới hơn của {service}, rồi chạy ecopy reconcile.",
            en=f"The database of {service} is older than what was published: of book"
            f" {short.book} it knows number {short.own}, and number {short.known}"
            f" exists. Stop the service, restore a newer backup of {service}, then run"
            f" ecopy reconcile.",
        )


async def _first(stop: asyncio.Event, *others: asyncio.Event, seconds: float) -> None:
    """Wait for one of the events, at most so long."""
    waiting: list[asyncio.Task[Any]] = [
        asyncio.create_task(event.wait()) for event in (stop, *others)
    ]
    try:
        await asyncio.wait(
            waiting, timeout=max(seconds, 0), return_when=asyncio.FIRST_COMPLETED
        )
    finally:
        for task in waiting:
            task.cancel()
        # Not ``await task``: to suppress its cancellation would lose our own, too.
        await asyncio.wait(waiting)
