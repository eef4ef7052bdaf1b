"""Three kinds of "no": refusal (lawful, a person acts), trouble (retry), poison.

Start at ``Refusal``, ``Trouble`` and ``Poison``; ``chassis.consumer`` says what each
does to a message. The words for people are in the desk's catalogues
(docs/decisions/0077).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Reason(StrEnum):
    """Lawful dead ends, heard by a person through ``certification.halted``."""

    ORIGINAL_MISMATCH = "original-mismatch"
    """The normalised original is not the bytes that were ordered."""
    ORIGINAL_MISSING = "original-missing"
    ORIGINAL_UNREADABLE = "original-unreadable"
    CERTIFICATE_MISMATCH = "certificate-mismatch"
    """The key at hand is not the officer's or agency's that was ordered."""
    CERTIFICATE_EXPIRED = "certificate-expired"
    CERTIFICATE_REVOKED = "certificate-revoked"
    CERTIFICATE_USAGE = "certificate-usage"
    KEY_MISSING = "key-missing"
    KEY_LOCKED = "key-locked"
    """The PIN is wrong. It is never tried twice: a token locks after a few."""
    APPEARANCE_UNUSABLE = "appearance-unusable"
    """The drawing of a signature or seal can not be made, or is not the pinned one."""
    APPROVAL_TOO_OLD = "approval-too-old"
    """More than 72 hours have passed since the approval (docs/dialect.md section 3)."""
    CLAUSE_DOES_NOT_FIT = "clause-does-not-fit"
    COPY_REFUSED = "copy-refused"
    """The gate does not accept the sealed copy."""
    OTHER_COPY_ARCHIVED = "other-copy-archived"


class Hindrance(StrEnum):
    """Why a retry is under way; ``certification.delayed`` carries it."""

    TSA = "tsa-unavailable"
    REVOCATION = "revocation-unavailable"
    KEYS = "keys-unavailable"
    RATE_CAP = "rate-cap"
    """A key has been used as often as an hour allows."""
    STORE = "store-unavailable"
    DATABASE = "database-unavailable"
    ORDER = "order-not-here-yet"
    UNEXPECTED = "unexpected"


@dataclass(frozen=True, slots=True)
class Setback:
    """Not yet: work on an event has failed and is tried again by itself."""

    hindrance: Hindrance
    since: datetime
    """When the event was published that is worked on."""
    tries: int
    """How often it has been tried, the first time included."""
    next_try_at: datetime


class Refusal(Exception):
    """The certification cannot go on; say why at the desk and stop.

    *cause* is a slug and *values* what belongs into its sentence, for the person who
    mends it: file names, keys, numbers; never document bytes, never citizens' data,
    never a secret. The words are the desk's, in ``services/intake/web/i18n``
    (``cause.<slug>``). ``detail`` is both as one text, as events carry it.
    """

    def __init__(self, reason: Reason, cause: str = "", **values: str | int) -> None:
        detail = detail_of(cause, values)
        super().__init__(f"{reason}: {detail}" if detail else str(reason))
        self.reason = reason
        self.detail = detail


def detail_of(cause: str, values: Mapping[str, str | int]) -> str:
    """A cause with its values as JSON, which logs can be read in; alone as it is."""
    if not values:
        return cause
    return json.dumps({"cause": cause, **values}, ensure_ascii=False)


def cause_of(detail: str) -> tuple[str, Mapping[str, str]]:
    """The cause and the values in *detail*; the whole of it is the cause where it is
    no such JSON: events of earlier versions have sentences there.
    """
    try:
        parsed = json.loads(detail)
    except ValueError:
        return detail, {}
    if not isinstance(parsed, dict) or "cause" not in parsed:
        return detail, {}
    # Numbers become texts: they only go into a sentence.
    texts = {name: str(value) for name, value in parsed.items()}
    return texts.pop("cause"), texts


class Trouble(Exception):
    """The world may recover: hold the message and try again later.

    ``again_in``: not before, if the world has said so (Retry-After, a budget).
    """

    def __init__(
        self,
        hindrance: Hindrance,
        detail: str = "",
        again_in: timedelta | None = None,
    ) -> None:
        super().__init__(f"{hindrance}: {detail}" if detail else str(hindrance))
        self.hindrance = hindrance
        self.detail = detail
        self.again_in = again_in


class Poison(Exception):
    """Bytes that no version of this service can understand, or that nobody signed."""
