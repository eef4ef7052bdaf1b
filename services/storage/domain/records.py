"""A copy that holds by itself, weighed against what is recorded under its number."""

from dataclasses import dataclass, replace
from hashlib import sha256

from ecopy.events import CertificationOrdered
from ecopy.identifiers import Sha256
from storage.domain.findings import Finding
from storage.domain.gate import Alone, Refused, Trust, gate
from storage.domain.gate.pdf.tokens import Buffer
from storage.domain.gate.signatures import LONGEST, SKEW
from storage.domain.verdict import Verdict, VerdictCode


@dataclass(frozen=True, slots=True)
class Stored:
    """What lies in the archive under a number."""

    whole: Sha256
    beginning: Sha256
    """SHA-256 of as many bytes as the copy at hand has under its two signatures; empty
    if the archived one is shorter."""


@dataclass(frozen=True, slots=True)
class Records:
    """All that catalogue and archive have under one entry."""

    order: CertificationOrdered | None = None
    listed: bool = False
    """The catalogue has a copy of this entry."""
    stored: Stored | None = None


def settle(
    data: Buffer, verdict: Verdict, *, whole: Sha256, records: Records, trust: Trust
) -> Verdict:
    """The verdict on a copy that holds by itself, from what its number's records say.

    What two signatures cover is unaltered in every case. *Changed* needs proof: the
    archive has the same signed bytes with another ending, or intake ordered something
    else at the hour when this was signed. CPU-bound: run it in a thread.
    """
    alone = verdict.alone
    if alone is None:
        return verdict
    stored = records.stored
    if stored is not None:
        return _beside(verdict, stored, signed_digest(data, alone), whole, records)
    order = records.order
    if order is not None and _answers_otherwise(data, alone, whole, order, trust):
        return Verdict(VerdictCode.CHANGED, Finding.OUR_SIGNATURE, alone.entry)
    return replace(verdict, finding=Finding.OTHER_COPY) if records.listed else verdict


def _beside(
    verdict: Verdict, stored: Stored, signed: Sha256, whole: Sha256, records: Records
) -> Verdict:
    """The archive has this number: these bytes, these with another ending, or others.

    Others are another copy whatever the order says: it may be the order of that one.
    """
    if stored.whole == whole and not records.listed:
        return replace(verdict, finding=Finding.ROW_MISSING)
    if stored.whole != whole and stored.beginning == signed:
        return Verdict(VerdictCode.CHANGED, Finding.OUR_SIGNATURE, verdict.entry)
    return replace(verdict, finding=Finding.OTHER_COPY)


def signed_digest(data: Buffer, alone: Alone) -> Sha256:
    """SHA-256 of everything up to the end of the seal's revision."""
    with memoryview(data) as view, view[: alone.signed_end] as signed:
        return sha256(signed).hexdigest()


def _answers_otherwise(
    data: Buffer,
    alone: Alone,
    whole: Sha256,
    order: CertificationOrdered,
    trust: Trust,
) -> bool:
    """Whether the file was made in the hours of this order and is not what it orders.

    After a restore a number can be ordered again: a copy that was sealed before that,
    or long after, answers to an order that is lost, and is not measured by this one.
    """
    # The gate's own limits, so that whatever it would pass under this order is
    # measured.
    approved_at = order.approved_at
    earliest, latest = approved_at - SKEW, approved_at + LONGEST
    if not earliest <= alone.passed.seal_at <= latest:
        return False
    try:
        gate(data, order, trust, whole)
    except Refused:
        return True
    return False
