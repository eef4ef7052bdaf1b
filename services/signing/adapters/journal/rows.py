"""Rows of the seal journal, made from what happened and read back."""

import json
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from ecopy.events import SignatureSummary
from ecopy.identifiers import EntryId, ObjectRef, Sha256
from signing.domain.attempts import Attempt, AttemptOutcome


@dataclass(frozen=True, slots=True)
class JournalRow:
    """A row before it has its place in the chain."""

    kind: str
    entry: EntryId
    revision: int
    attempt: str
    copy_sha256: Sha256 | None
    facts: dict[str, Any]


def outcome_of(row: Row[Any]) -> AttemptOutcome:
    facts = json.loads(row.facts)
    first, second = map(SignatureSummary.model_validate, facts["signatures"])
    return AttemptOutcome(
        UUID(row.attempt),
        row.entry,
        row.revision,
        ObjectRef.model_validate(facts["copy_ref"]),
        (first, second),
        facts.get("order_sha256"),
        UUID(facts["order"]) if facts.get("order") else None,
    )


def attempt_line(kind: str, attempt: Attempt, facts: dict[str, Any]) -> JournalRow:
    return JournalRow(
        kind, attempt.entry, attempt.revision, str(attempt.id), None, facts
    )


def intended(attempt: Attempt) -> dict[str, Any]:
    return {
        "original_sha256": attempt.original_sha256,
        "order_sha256": attempt.order_sha256,
        "keys": [asdict(signatory) for signatory in attempt.signatories.both],
    }


def outcome_line(kind: str, outcome: AttemptOutcome, **more: str) -> JournalRow:
    """A row of this *kind* over an outcome; *more* are facts of its own."""
    facts = {
        "copy_ref": outcome.copy_ref.model_dump(mode="json"),
        "signatures": [s.model_dump(mode="json") for s in outcome.signatures],
        "order_sha256": outcome.order_sha256,
        "order": None if outcome.order is None else str(outcome.order),
        **more,
    }
    return JournalRow(
        kind,
        outcome.entry,
        outcome.revision,
        str(outcome.attempt),
        outcome.copy_ref.sha256,
        facts,
    )
