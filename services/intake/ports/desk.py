"""Cases with their papers, and what goes on around one act at the desk."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from intake.domain.differing import Fields
from intake.domain.files import StoredFile
from intake.domain.form_keys import FormUse, UsedBefore
from intake.domain.records import Case, CaseDocument, Note, Outcome
from intake.domain.states import State
from intake.domain.stepping import CaseOnDesk, Rearranged
from intake.domain.summaries import Summary


@dataclass(frozen=True, slots=True)
class Opening:
    """A case and its papers, with their line of audit."""

    case: Case
    documents: tuple[CaseDocument, ...]
    notes: tuple[Note, ...]


class Cases(Protocol):
    """Cases and documents, each change in one transaction with its audit and event."""

    async def open(
        self, agency: str, day: date, decide: Callable[[int], Opening]
    ) -> Opening:
        """MUST give *decide* the next ordinal of that day and store what it returns in
        the same transaction.
        """
        ...

    async def add(
        self, code: str, decide: Callable[[Case, tuple[CaseDocument, ...]], Opening]
    ) -> Opening:
        """Store a changed case and the documents that are new to it. NotFound."""
        ...

    async def case(self, code: str) -> Case:
        """Raises NotFound."""
        ...

    async def document(self, document: str) -> CaseDocument:
        """Raises NotFound."""
        ...

    async def documents(self, code: str) -> tuple[CaseDocument, ...]: ...

    async def change(
        self, document: str, decide: Callable[[CaseDocument], Outcome]
    ) -> Outcome:
        """MUST hold the document from reading to commit; what *decide* raises leaves
        everything as it was. An outcome with the same document writes nothing.
        """
        ...

    async def change_papers(
        self,
        code: str,
        decide: Callable[[tuple[CaseDocument, ...]], tuple[Outcome, ...]],
    ) -> tuple[Outcome, ...]:
        """``change``, of several papers of a case in one transaction. MUST hold all of
        them from reading to commit.
        """
        ...

    async def rearrange(
        self, document: str, decide: Callable[[CaseOnDesk], Rearranged]
    ) -> Rearranged:
        """A change of the papers of the document's case, by what became of a file. MUST
        be one transaction that holds all of them from reading to commit.
        """
        ...

    async def enter(
        self, document: str, year: int, decide: Callable[[CaseDocument, int], Outcome]
    ) -> Outcome:
        """``change``, with the register's next ordinal of that agency and year, which
        MUST be taken by nobody else, whoever crashes when.
        """
        ...

    async def follow(
        self, entry: str, decide: Callable[[CaseDocument], Outcome]
    ) -> Outcome | None:
        """``change``, by entry id; None if no such entry was ever ordered here."""
        ...

    async def queue(
        self, agency: str, state: State = State.AWAITING
    ) -> tuple[tuple[Case, Summary], ...]:
        """What awaits approval, or stands otherwise, due first."""
        ...

    async def papers(
        self, agency: str, names: tuple[str, ...]
    ) -> tuple[tuple[Case, Summary], ...]:
        """The documents of these names, as far as they are the agency's."""
        ...

    async def timeline(self, code: str) -> tuple[Note, ...]: ...

    async def sought(self, agency: str, query: str, most: int) -> tuple[Case, ...]:
        """The newest cases of the agency that are found by these words, in no order.
        MUST look at a bounded number of rows.
        """
        ...


class Changes(Protocol):
    """That something has happened, whatever replica recorded it."""

    async def since(self, seen: int | None) -> tuple[int, frozenset[str]]:
        """The last act's number, and the agencies of those behind *seen*; none where
        that is None. MUST cost a row or two while nothing happens.
        """
        ...


class Arrangements(Protocol):
    """How the pages of a case lie, changed step by step."""

    async def change(
        self, code: str, decide: Callable[[CaseOnDesk], Rearranged]
    ) -> Rearranged:
        """MUST hold the case and all its papers from reading to commit; what *decide*
        raises leaves everything as it was. Raises NotFound.
        """
        ...


class Expected(Protocol):
    """Orders of which news is expected."""

    async def late(self, now: datetime, *, most: int, voids: bool) -> tuple[str, ...]:
        """Entries whose moment to be asked again has come, longest ago first. MUST be
        found by an index. Nothing while another replica asks, or while so much waits
        for the bus that more would not be heard any sooner.
        """
        ...

    async def adopt(self, now: datetime) -> None:
        """Expect news from *now* on of what is on its way without such a moment: an
        earlier version, running beside this one, entered it. What waits for a person is
        let go again when its turn comes (``domain.expecting``).
        """
        ...


class Leases(Protocol):
    """Each file that is to be checked is in one hand at a time, whatever process's."""

    def hold(self, file: str) -> AbstractAsyncContextManager[bool]:
        """False inside: another has it, or it is settled. MUST be renewed while the
        context lasts, end at once if it fails, and by itself after its process died.
        """
        ...

    async def note_coming(self, file: str, thumbs: tuple[str, ...]) -> None:
        """Whoever has the file in hand has drawn so far. MUST change nothing of a file
        that is settled.
        """
        ...

    async def free(self) -> tuple[StoredFile, ...]:
        """Files that wait for their check in nobody's hand, oldest first."""
        ...


class Superseded(Protocol):
    """What documents and cases said at versions that were changed since."""

    async def at(self, name: str, version: int) -> Fields | None:
        """None for the present version, and for one whose forms are past use."""
        ...


class FormUses(Protocol):
    """Forms that acted. The row of a use MUST be written in the transaction of its act:
    see ``adapters.sql.form_uses``.
    """

    async def before(self, use: FormUse) -> UsedBefore | None: ...
