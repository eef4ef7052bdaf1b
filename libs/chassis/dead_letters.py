"""Dead letters on JetStream: what is noted of each when it is parked, how they are
read, and how one is handed to its consumer again.

A replay goes out on ``ecopy.replay.<durable>``, which only that consumer hears, with
the bytes and the publisher's own signature: whoever replays can make no fact of its
own, and a letter that nobody's signature holds for is parked again (decision 0093). Who
may ask for a replay, and that it is written down, is intake's business. Start at
``DeadLetters``.
"""

import contextlib
import hashlib
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Final

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.api import RawStreamMsg
from nats.js.errors import NotFoundError

from chassis import bus_client
from chassis.settings import NatsSettings
from chassis.signatures import HEADER, Verifier
from ecopy.dead_letter import BusAway, DeadLetter
from ecopy.refusals import Poison
from ecopy.topology import CONSUMERS, DEAD, DEAD_STREAM, REPLAY, STREAM

REASON: Final = "Reason"
SUBJECT: Final = "Ecopy-Subject"
MESSAGE_ID: Final = "Ecopy-Message-Id"
PUBLISHED: Final = "Ecopy-Published"
REPLAYED: Final = "Ecopy-Letter"
"""The number of the letter that a replay is of: on the replay, and on what is parked of
it."""
HEAD_BYTES: Final = 4096
"""Room for the headers of a parked letter: the bus counts them with the body."""
HEADER_CHARACTERS: Final = 500
PUBLISH_SECONDS: Final = 5.0
CONNECT_SECONDS: Final = 3
NO_MESSAGE: Final = 10037
"""JetStream's code for "no such message"; every other "not found" means the stream."""


def letterhead(msg: Msg, subject: str) -> dict[str, str]:
    """The headers of a dead letter, beside its reason: what a replay needs of *msg*.

    *subject* is the one that it was published on.
    """
    came = msg.headers or {}
    facts, digest = msg.metadata, hashlib.sha256(msg.data).hexdigest()
    noted = {
        HEADER: came.get(HEADER, ""),
        SUBJECT: subject,
        # What was parked of a replay goes on naming the first publication.
        MESSAGE_ID: came.get(MESSAGE_ID) or came.get("Nats-Msg-Id", ""),
        PUBLISHED: came.get(PUBLISHED) or facts.timestamp.isoformat(),
        REPLAYED: came.get(REPLAYED, ""),
        # A crash between park and term parks the same delivery again: one letter. With
        # the digest, because a stream that was lost begins its sequence anew.
        "Nats-Msg-Id": f"{facts.consumer}:{facts.sequence.stream}:{digest[:16]}",
    }
    return {name: value[:HEADER_CHARACTERS] for name, value in noted.items() if value}


def reason(why: str) -> dict[str, str]:
    """The header with the reason: one line, however long a stranger made us say it."""
    return {REASON: " ".join(why.split())[:HEADER_CHARACTERS]}


class DeadLetters:
    """The stream of dead letters, as intake may read it."""

    def __init__(
        self, client: Client, js: JetStreamContext, verifier: Verifier
    ) -> None:
        self._client = client
        self._js = js
        self._verifier = verifier

    async def all(self) -> tuple[DeadLetter, ...]:
        """Every letter, oldest first: as many as the stream has at most, some hundred
        (``provision.DEAD_LETTERS`` of each consumer). Raises BusAway.
        """
        found: list[DeadLetter] = []
        number = 1
        while (raw := await self._next(number)) is not None:
            found.append(self._letter(raw))
            number = found[-1].number + 1
        return tuple(found)

    async def find(self, number: int) -> DeadLetter | None:
        """None if there is none of that number (any more). Raises BusAway."""
        if number < 1:
            return None
        raw = await self._next(number)
        letter = self._letter(raw) if raw is not None else None
        return letter if letter is not None and letter.number == number else None

    async def replay(self, letter: DeadLetter, act: str) -> None:
        """Hand *letter* to its consumer again. Safe to repeat: the stream drops a
        second one of the same *act*. Raises BusAway.
        """
        headers = {
            "Nats-Msg-Id": f"replay-{act}",
            HEADER: letter.signature,
            MESSAGE_ID: letter.message_id,
            PUBLISHED: letter.published_at.isoformat() if letter.published_at else "",
            REPLAYED: str(letter.number),
        }
        self._check_connected()
        try:
            await self._js.publish(
                f"{REPLAY}.{letter.consumer}",
                letter.body,
                stream=STREAM,
                timeout=PUBLISH_SECONDS,
                headers={name: value for name, value in headers.items() if value},
            )
        except (NatsError, OSError, TimeoutError) as error:
            raise BusAway(f"letter {letter.number}: {error!r}") from error

    async def _next(self, number: int) -> RawStreamMsg | None:
        """The first message from that number on; None behind the last."""
        self._check_connected()
        try:
            return await self._js.get_msg(
                DEAD_STREAM, seq=number, subject=f"{DEAD}.*", next=True
            )
        except NotFoundError as error:
            if error.err_code == NO_MESSAGE:
                return None
            raise BusAway(f"{DEAD_STREAM}: {error!r}") from error
        except (NatsError, OSError, TimeoutError) as error:
            raise BusAway(f"{DEAD_STREAM}: {error!r}") from error

    def _check_connected(self) -> None:
        # The client would wait for the server until its timeout, a person with it.
        if not self._client.is_connected:
            raise BusAway("not connected")

    def _letter(self, raw: RawStreamMsg) -> DeadLetter:
        head, body = raw.headers or {}, raw.data or b""
        durable = (raw.subject or "").removeprefix(f"{DEAD}.")
        subject = head.get(SUBJECT) or _subject_of(durable)
        signature = head.get(HEADER, "")
        of = head.get(REPLAYED, "")
        if raw.seq is None or raw.time is None:
            raise BusAway(f"{DEAD_STREAM}: an answer without a number or a time")
        return DeadLetter(
            number=raw.seq,
            consumer=durable,
            reason=head.get(REASON, ""),
            parked_at=raw.time,
            body=body,
            subject=subject,
            message_id=head.get(MESSAGE_ID, ""),
            published_at=_instant(head.get(PUBLISHED, "")),
            signature=signature,
            publisher=self._publisher(subject, body, signature),
            replay_of=int(of) if of.isdecimal() else None,
        )

    def _publisher(self, subject: str, body: bytes, signature: str) -> str:
        try:
            self._verifier.check(subject, body, signature)
        except Poison:
            return ""
        return signature.partition(" ")[0]


@contextlib.asynccontextmanager
async def open_dead_letters(
    settings: NatsSettings, user: str, verifier: Verifier
) -> AsyncIterator[DeadLetters]:
    """Open the letters for a command that ends: one try. Raises BusAway."""
    try:
        client = await bus_client.connect(
            settings.url,
            settings.user_file,
            user,
            # Two settings: with the first alone the client tries for ever.
            allow_reconnect=False,
            max_reconnect_attempts=1,
            reconnect_time_wait=0,
            connect_timeout=CONNECT_SECONDS,
            error_cb=_unheard,
        )
    except (NatsError, OSError, TimeoutError) as error:
        raise BusAway(f"{settings.url}: {error!r}") from error
    try:
        yield DeadLetters(client, client.jetstream(timeout=PUBLISH_SECONDS), verifier)
    finally:
        await client.close()


async def _unheard(_error: Exception) -> None:
    """What the client says to itself: each question has its own answer."""


def _subject_of(durable: str) -> str:
    """What the consumer hears; empty for a consumer of another version."""
    return next((c.event.subject for c in CONSUMERS if c.durable == durable), "")


def _instant(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
