"""The envelope in which every event travels, and what all events have in common.

Start at ``Event``; which events there are stands in ``ecopy.events``.
"""

from functools import cache
from typing import Any, ClassVar, Literal, Self
from uuid import UUID, uuid4

from pydantic import AwareDatetime, Field, create_model

from ecopy.identifiers import AgencyCode, EntryId
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


class AgencyEnvelope(Envelope):
    subject: AgencyCode


class Event(Model):
    """A fact; ``EntryEvent`` and ``AgencyEvent`` say whose."""

    subject: ClassVar[str]
    """NATS subject and CloudEvents ``type``: ``ecopy.<noun>.<participle>.v<major>``."""
    envelope: ClassVar[type[Envelope]]
    speaks_of: ClassVar[Literal["entry", "agency"]]
    """The field that holds what the fact is about."""

    id: UUID = Field(default_factory=uuid4)
    at: AwareDatetime

    @property
    def about(self) -> str:
        """The CloudEvents ``subject``: an entry id or an agency's code."""
        return str(getattr(self, self.speaks_of))

    def encode(self, source: str) -> bytes:
        """CloudEvents structured JSON; ``source`` is the publishing service."""
        envelope = self.envelope(
            id=self.id,
            source=f"/ecopy/{source}",
            type=self.subject,
            subject=self.about,
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
            event.about,
            event.id,
        ):
            raise Poison(f"not a {cls.subject}: envelope and content differ")
        return event


@cache
def _enveloped(event: type[Event]) -> Any:
    """An envelope whose ``data`` is this event, so that one pass reads both."""
    base = event.envelope
    return create_model(f"Enveloped{event.__name__}", __base__=base, data=event)


class EntryEvent(Event):
    """A fact about one register entry."""

    envelope = Envelope
    speaks_of = "entry"

    entry: EntryId


class AgencyEvent(Event):
    """A fact about an agency as a whole."""

    envelope = AgencyEnvelope
    speaks_of = "agency"

    agency: AgencyCode
