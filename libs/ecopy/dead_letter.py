"""A dead letter: what a consumer could not read, kept aside for a person.

Where they lie and how they are replayed is in ``chassis.dead_letters``. Start at
``DeadLetter``.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pydantic import TypeAdapter

from ecopy.identifiers import EntryId

START_BYTES: Final = 600
"""So much of a letter tells a person what it is."""
_ENTRY: Final = TypeAdapter(EntryId)


class BusAway(Exception):
    """The bus, or its stream of dead letters, does not answer: nothing is known of
    them, and nothing was sent.
    """


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One letter, with what its consumer noted of it when it was parked."""

    number: int
    """Its sequence in the stream of dead letters: what a person calls it by."""
    consumer: str
    """The durable consumer that parked it, and the only one that hears a replay."""
    reason: str
    parked_at: datetime
    body: bytes
    subject: str
    """The subject that it was published on."""
    message_id: str = ""
    """Empty where the publisher gave none, or an earlier version kept none."""
    published_at: datetime | None = None
    signature: str = ""
    """The publisher's header as it came; empty where there was none, or where an
    earlier version kept none."""
    publisher: str = ""
    """The service whose signature holds; empty where none does, and then every replay
    would only be parked again."""
    replay_of: int | None = None
    """The letter whose replay was parked again as this one."""

    @property
    def size(self) -> int:
        return len(self.body)

    @property
    def entry(self) -> str:
        """The entry that it speaks of, as far as it can be read; else empty."""
        try:
            return _ENTRY.validate_python(json.loads(self.body)["subject"])
        except (ValueError, LookupError, TypeError, RecursionError):
            return ""

    @property
    def start(self) -> str:
        """Its first bytes as text; what cannot be shown is a replacement character."""
        text = self.body[:START_BYTES].decode("utf-8", "replace")
        return "".join(c if c.isprintable() else "\ufffd" for c in text)
