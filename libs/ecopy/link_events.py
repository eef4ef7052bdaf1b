"""What becomes of a copy's link after the first one, which comes with the order.

Links of a copy have generations, counted from 1: the newest one opens the copy, and
none of before. Facts about them come in any order and more than once.
"""

import hashlib
import hmac
from typing import Literal

from pydantic import AwareDatetime, Field

from ecopy.envelopes import EntryEvent
from ecopy.identifiers import Sha256
from ecopy.ordered import Model

FactorKind = Literal["phone", "id"]


class LinkFactor(Model):
    """What the holder of a link is asked before it opens: last digits of a number that
    the requester gave at the desk.
    """

    kind: FactorKind
    answer_hmac: Sha256
    """``factor_hmac`` of the right answer."""


def factor_hmac(token: str, kind: FactorKind, digits: str) -> Sha256:
    """The answer, keyed with the link's own token. There are few answers, but no table
    and no event holds the token: who reads those can try none of them.
    """
    answer = f"{kind}:{digits}".encode()
    return hmac.digest(token.encode(), answer, hashlib.sha256).hex()


class LinkGranted(EntryEvent):
    """The office has given the copy another link: those of before open nothing."""

    subject = "ecopy.link.granted.v1"

    generation: int = Field(ge=2)
    link_token_sha256: Sha256
    expires_at: AwareDatetime
    factor: LinkFactor | None = None


class LinkRevoked(EntryEvent):
    """The office has closed a link for ever; a newer one may come."""

    subject = "ecopy.link.revoked.v1"

    generation: int = Field(ge=1)


class LinkVisits(Model):
    """How often something was done through a link, and when first and last."""

    count: int = Field(ge=1)
    first_at: AwareDatetime
    last_at: AwareDatetime


class LinkReported(EntryEvent):
    """How the newest link of a copy stands, as the public face knows it.

    Said when it was granted or closed, at the first opening and the first fetch, and
    then once an hour at most. All of it only grows, so the larger of two reports holds.
    """

    subject = "ecopy.link.reported.v1"

    generation: int = Field(ge=1)
    expires_at: AwareDatetime
    revoked_at: AwareDatetime | None = None
    locked_at: AwareDatetime | None = None
    """When the question before it was answered wrong too often."""
    opened: LinkVisits | None = None
    """A person saw the page of the link."""
    fetched: LinkVisits | None = None
    """All bytes of the copy arrived."""
