"""Subjects of which the bus keeps the last message only: read, and replaced in turn."""

from dataclasses import dataclass

from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.errors import BadRequestError, NotFoundError

from chassis.signatures import HEADER, Signer, Verifier
from ecopy.refusals import Poison


class BusSilent(Exception):
    """The bus did not answer in time, or has no such stream: ask again later."""


@dataclass(frozen=True, slots=True)
class Retained:
    """The last message of a subject."""

    body: bytes
    wrong: Poison | None
    """Why its signature is not believed; None where it is."""
    position: int
    """Its sequence in the stream: what replaces it names this."""


class RetainedMessages:
    """The same connection as ``chassis.bus.Bus``, with the same keys."""

    def __init__(
        self, js: JetStreamContext, signer: Signer, verifier: Verifier
    ) -> None:
        self._js = js
        self._signer = signer
        self._verifier = verifier

    async def last(self, stream: str, subject: str) -> Retained | None:
        """The last message of *subject*; None if there never was one. BusSilent."""
        try:
            # Direct: a right for this one subject, where the other way of asking needs
            # a right for every message of the stream.
            last = await self._js.get_last_msg(stream, subject, direct=True)
        except NotFoundError:
            return None
        except (NatsError, TimeoutError) as error:
            raise BusSilent(repr(error)) from error
        body, header = last.data or b"", (last.headers or {}).get(HEADER)
        return Retained(body, self._wrong(subject, body, header), last.seq or 0)

    def _wrong(self, subject: str, body: bytes, header: str | None) -> Poison | None:
        try:
            self._verifier.check(subject, body, header)
        except Poison as error:
            return error
        return None

    async def replace(
        self, stream: str, subject: str, body: bytes, *, after: int
    ) -> bool:
        """Publish, signed, what is to be the last message of *subject*, unless another
        came behind the one at *after* (0: unless there is one): then False. BusSilent.
        """
        headers = {
            "Nats-Expected-Last-Subject-Sequence": str(after),
            HEADER: self._signer.header(subject, body),
        }
        try:
            await self._js.publish(subject, body, stream=stream, headers=headers)
        except BadRequestError:
            return False
        except (NatsError, TimeoutError) as error:
            raise BusSilent(repr(error)) from error
        return True
