"""Papers that a certifier approves in one act: each with its own number and result.

What is kept is who was asked for what and why something was refused; whether a copy is
signed by now is read from the papers themselves. Start at ``rows``.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from intake.domain.agencies import NoOffice
from intake.domain.calendar import CalendarMissing
from intake.domain.numbers import short_code
from intake.domain.records import Case, Conflict, NotFound
from intake.domain.showing import shown_state, stuck_view
from intake.domain.states import NotAllowed
from intake.domain.summaries import Summary
from intake.domain.views.certifier import BatchRow

MOST_AT_ONCE: Final = 100
"""Papers of one act: it holds its request for about two seconds."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A paper as it was ticked in the queue."""

    document: str
    version: int


@dataclass(frozen=True, slots=True)
class Item:
    """One paper of a batch. *key* is empty where it was approved; else it names the
    sentence that says why not.
    """

    document: str
    key: str = ""
    values: dict[str, str | int] = field(default_factory=dict)
    who: str = ""
    when: datetime | None = None
    """Who was first, and when, where somebody was."""


@dataclass(frozen=True, slots=True)
class Batch:
    id: str
    by: str
    agency: str
    began_at: datetime
    ended_at: datetime
    items: tuple[Item, ...]


REFUSALS: Final = (Conflict, NotAllowed, NoOffice, NotFound, CalendarMissing)
"""What one paper may answer with while the others go on."""


def refused(document: str, error: Exception) -> Item:
    """The item of a paper that was not approved, with its reason."""
    match error:
        case Conflict():
            return Item(document, "batch.changed", {}, error.who, error.when)
        case NotAllowed():
            return Item(document, error.key, error.values)
        case NoOffice():
            return Item(document, "error.no-office")
        case CalendarMissing():
            return Item(document, "error.calendar")
        case NotFound():
            return Item(document, "error.paper-gone")
        case _:
            return Item(document, "error.paper-fault")


def rows(
    batch: Batch, papers: Iterable[tuple[Case, Summary]], now: datetime
) -> tuple[BatchRow, ...]:
    """A line for each paper: refused ones first, then those that stand still, then the
    others, each group in the order of the act.
    """
    known = {paper.id: (case, paper) for case, paper in papers}
    lines = (_row(item, batch, known.get(item.document), now) for item in batch.items)
    return tuple(sorted(lines, key=lambda row: (row.number is not None, not row.stuck)))


def _row(
    item: Item, batch: Batch, found: tuple[Case, Summary] | None, now: datetime
) -> BatchRow:
    if found is None:
        return BatchRow(item.document, "", "", "", key=item.key or "error.paper-gone")
    case, paper = found
    approved = paper.approved_by == batch.by and paper.number is not None
    return BatchRow(
        document=paper.id,
        title=paper.title,
        requester=case.requester.name,
        short_code=short_code(case.code),
        case=case.code,
        key="" if approved else item.key or "error.paper-fault",
        values=item.values,
        who=item.who,
        when=item.when,
        number=paper.number if approved else None,
        state=shown_state(paper.state, paper.setback),
        stuck=stuck_view(paper.setback, now) if approved else None,
    )
