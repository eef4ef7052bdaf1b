"""The envelope in which every event travels, and what all events have in common.

Start at ``Event``; which events there are stands in ``ecopy.events``.
"""

from functools import cache
from typing import Any, ClassVar, Literal, Self
from uuid import UUID, uuid4

from pydantic import AwareDatetime, Field, create_model

from ecopy.identifiers import EntryId
from ecopy.ordered import Model
from ecopy.refusals import Poison


class Envelope(Model):
    """CloudEvents 1.0: the required attributes, and time and subject."""

    specversion: Literal["1.0"] = "1.0"
    id: UUID
    source: str
    type: str
    subject: EntryId
    time: AwareDatetime
    datacontenttype: Literal["application/json"] = "application/json"
    data: dict[str, Any]


class Event(Model):
    """A fact about one register entry."""

    subject: ClassVar[str]
    """NATS subject and CloudEvents ``type``: ``ecopy.<noun>.<participle>.v<major>``."""

    id: UUID = Field(default_factory=uuid4)
    at: AwareDatetime
    entry: EntryId

    def encode(self, source: str) -> bytes:
        """CloudEvents structured JSON; ``source`` is the publishing service."""
        envelope = Envelope(
            id=self.id,
            source=f"/ecopy/{source}",
            type=self.subject,
            subject=self.entry,
            time=self.at,
            data=self.model_dump(mode="json"),
        )
        return envelope.model_dump_json().encode()

    @classmethod
    def decode(cls, body: bytes) -> Self:
        """Raises Poison for anything that is not this event."""
        try:
            envelope = _enveloped(cls).model_validate_json(body)
        except ValueError as error:
            raise Poison(f"not a {cls.subject}") from error
        event: Self = envelope.data
        # Whoever reads only the envelope must not see another event than we do.
        if (envelope.type, envelope.subject, envelope.id) != (
            cls.subject,
            event.entry,
            event.id,
        ):
            raise Poison(f"not a {cls.subject}: envelope and content differ")
        return event


@cache
def _enveloped(event: type[Event]) -> Any:
    """An envelope whose ``data`` is this event, so that one pass reads both."""
    return create_model(f"Enveloped{event.__name__}", __base__=Envelope, data=event)
