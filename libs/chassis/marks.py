"""High-water marks on the bus: read, raised and never lowered.

The stream keeps the last mark of each service for ever (``ecopy.marks``);
``mark_announcer`` says when a service publishes its own. Start at ``MarkStream``.
"""

from typing import Final, Protocol

import structlog

from chassis.retained import Retained
from ecopy.marks import Marks
from ecopy.refusals import Poison
from ecopy.topology import MARKERS, MARKS, MARKS_STREAM

log = structlog.get_logger()

TRIES: Final = 5
"""So many processes of one service may raise its mark at once; beyond it they try again
a minute later."""


class RetainedBus(Protocol):
    """What is needed of ``chassis.retained.RetainedMessages``."""

    async def last(self, stream: str, subject: str) -> Retained | None: ...
    async def replace(
        self, stream: str, subject: str, body: bytes, *, after: int
    ) -> bool: ...


class MarkStream:
    """The marks of all services, as the bus retains them."""

    def __init__(self, bus: RetainedBus) -> None:
        self._bus = bus

    async def read(self, service: str) -> Marks | None:
        """The last marks of *service*; None if it has published none that can be read
        and believed. BusSilent.
        """
        subject = subject_of(service)
        return _believed(subject, await self._bus.last(MARKS_STREAM, subject))

    async def read_each(self) -> dict[str, Marks | None]:
        """Service → its last marks, of each that publishes any. As ``read``."""
        return {service: await self.read(service) for service in MARKERS}

    async def publish(self, service: str, own: Marks) -> None:
        """Raise the marks of *service* to *own*; what it had said before stays where
        that is higher. BusSilent.
        """
        subject = subject_of(service)
        for _ in range(TRIES):
            # Another process of this service may write between the two: then the stream
            # refuses, and what that one has written is read and raised in its turn.
            last = await self._bus.last(MARKS_STREAM, subject)
            before = _believed(subject, last)
            raised = own.raised_by(before.books) if before else own
            if before is not None and raised.books == before.books:
                return
            after = last.position if last else 0
            body = raised.encode()
            if await self._bus.replace(MARKS_STREAM, subject, body, after=after):
                return


def _believed(subject: str, last: Retained | None) -> Marks | None:
    if last is None:
        return None
    try:
        if last.wrong is not None:
            raise last.wrong
        return Marks.decode(last.body)
    except Poison as error:
        # Signed with a key that was replaced since, say. Nobody can use it, so its own
        # service writes over it; else no number could be given any more.
        log.error("mark_not_believed", subject=subject, error=str(error))  # noqa: TRY400 - its reason is all there is
        return None


def subject_of(service: str) -> str:
    """The subject on which *service* says its marks."""
    return f"{MARKS}.{service}"
