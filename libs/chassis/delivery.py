"""One message of JetStream, as the consumer loop answers it."""

from dataclasses import dataclass
from typing import Final

from nats.aio.msg import Msg

from chassis import dead_letters
from chassis.signatures import HEADER, Verifier

ACK_TIMEOUT_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class Delivery:
    """A JetStream message with the four answers the consumer loop gives."""

    _msg: Msg
    _verifier: Verifier
    _subject: str
    """The subject under which the publisher signed it. A replay comes on another one,
    and is believed no more than what came first."""

    @property
    def body(self) -> bytes:
        return self._msg.data

    @property
    def deliveries(self) -> int:
        return self._msg.metadata.num_delivered

    def verify(self) -> None:
        header = (self._msg.headers or {}).get(HEADER)
        self._verifier.check(self._subject, self._msg.data, header)

    @property
    def letterhead(self) -> dict[str, str]:
        return dead_letters.letterhead(self._msg, self._subject)

    async def ack(self) -> None:
        """Wait for the server's word; even so it may deliver again after a crash."""
        await self._msg.ack_sync(timeout=ACK_TIMEOUT_SECONDS)

    async def nak(self, delay_seconds: float) -> None:
        await self._msg.nak(delay=delay_seconds)

    async def term(self) -> None:
        await self._msg.term()

    async def in_progress(self) -> None:
        await self._msg.in_progress()
