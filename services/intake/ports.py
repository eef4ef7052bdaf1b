"""What the use cases need of the world.

Each is a role with the promises that its adapter keeps (MUST) and the contract tests
check. Start at ``Cases``.
"""

from collections.abc import Callable, Iterable
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Protocol

from ecopy.dead_letter import DeadLetter
from ecopy.identifiers import ObjectRef
from ecopy.marks import YearBook
from intake.domain.boards import Summary
from intake.domain.dead_letters import DeadLetterAct, Step
from intake.domain.files import Part, StoredFile
from intake.domain.form_keys import FormUse, UsedBefore
from intake.domain.guesses import Failures, Try
from intake.domain.numbering import HeardMarks
from intake.domain.people import Session, User
from intake.domain.reconciling import Reconciliation
from intake.domain.records import Case, CaseDocument, Note, Original, Outcome
from intake.domain.register import RegisterLine
from intake.domain.skipping import LostLines
from intake.domain.system import Backlog, BusState


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

    async def board(
        self, agency: str, since: datetime
    ) -> tuple[tuple[Case, tuple[Summary, ...]], ...]:
        """Open cases, and those closed since."""
        ...

    async def queue(self, agency: str) -> tuple[tuple[Case, Summary], ...]:
        """What awaits approval, due first."""
        ...

    async def timeline(self, code: str) -> tuple[Note, ...]: ...


class Expected(Protocol):
    """Orders of which news is expected."""

    async def late(self, now: datetime, *, most: int) -> tuple[str, ...]:
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

    async def free(self) -> tuple[StoredFile, ...]:
        """Files that wait for their check in nobody's hand, oldest first."""
        ...


class Looks(Protocol):
    """Which pages' pictures this desk gave to which certifier."""

    async def note(self, user: str, document: str, page: str, at: datetime) -> None:
        """MUST be durable when it returns. Noting a look again changes nothing."""
        ...

    async def of(self, user: str, document: str) -> frozenset[str]: ...


class FormUses(Protocol):
    """Forms that acted. The row of a use MUST be written in the transaction of its act:
    see ``adapters.sql.form_uses``.
    """

    async def before(self, use: FormUse) -> UsedBefore | None: ...


class Register(Protocol):
    async def lines(
        self, agency: str, year: int, month: int
    ) -> tuple[RegisterLine, ...]: ...

    async def months(self, agency: str) -> tuple[tuple[int, int], ...]:
        """(year, month) with lines, newest first."""
        ...


class Marks(Protocol):
    """What signing and storage have said of the highest numbers."""

    def latest(self) -> HeardMarks: ...


class Skips(Protocol):
    """Lost lines, beside the register."""

    async def skip(
        self, book: YearBook, decide: Callable[[int], tuple[LostLines, Note]]
    ) -> LostLines:
        """MUST give *decide* the book's highest number and store what it returns, with
        its line of audit, in a transaction in which nobody else takes a number of it.
        """
        ...

    async def highest(self, books: Iterable[YearBook]) -> dict[YearBook, int]:
        """The highest number of each, line or lost; 0 for a book without any."""
        ...

    async def lost(self, agency: str, year: int, month: int) -> tuple[LostLines, ...]:
        """What was declared lost in that month."""
        ...


class Reckonings(Protocol):
    """What a loop finds in the desk's own books, once a minute."""

    def latest(self) -> Reconciliation: ...


class DeadLetters(Protocol):
    """The bus's dead letters. Every method raises BusAway, at once where the bus is
    away.
    """

    async def all(self) -> tuple[DeadLetter, ...]:
        """Oldest first."""
        ...

    async def find(self, number: int) -> DeadLetter | None: ...
    async def replay(self, letter: DeadLetter, act: str) -> None:
        """MUST hand it to the consumer that parked it and to no other, once for one
        *act*.
        """
        ...


class DeadLetterActs(Protocol):
    """What was done about dead letters."""

    async def all(self) -> tuple[DeadLetterAct, ...]:
        """Oldest first."""
        ...

    async def add(self, act: DeadLetterAct, note: Note) -> DeadLetterAct:
        """MUST write the act and its line of audit in one transaction; what is returned
        has its id.
        """
        ...

    async def unsent(self) -> tuple[DeadLetterAct, ...]: ...
    async def settle(self, act: int, step: Step) -> None: ...
    async def note(self, note: Note) -> None: ...


class Gauges(Protocol):
    """What the system's page measures in intake's own database."""

    async def backlog(self, agency: str) -> Backlog: ...


class BusGauge(Protocol):
    def state(self) -> BusState: ...


class Users(Protocol):
    async def find(self, user: str) -> User | None: ...
    async def certifiers(self, agency: str) -> tuple[User, ...]:
        """Active accounts of the agency that may approve."""
        ...

    async def add(self, user: User, note: Note) -> bool:
        """False if the name is taken."""
        ...

    async def set_password(self, user: str, password: str, note: Note) -> None:
        """MUST end the user's sessions in the same transaction."""
        ...

    async def count_try(
        self,
        account: str,
        address: str,
        at: datetime,
        *,
        since: datetime,
        check: Callable[[Failures], None],
    ) -> Try:
        """Count one try. MUST read what *check* sees, and write, in one transaction
        that no other try of that address can come between, in this process or another.
        What *check* raises leaves everything as it was.
        """
        ...

    async def give_back(self, tried: Try) -> None:
        """It was right, or never compared."""
        ...

    async def forget_failures(self, tried: Try) -> None:
        """It was right: those of the same account and address before it are forgotten.
        A later one stays counted, because it may still be wrong.
        """
        ...

    async def sweep_tries(self, before: datetime) -> None: ...
    async def record(self, note: Note) -> None: ...


class Sessions(Protocol):
    """Sessions, found by the SHA-256 of their token: a stolen table opens nothing."""

    async def open(self, token_sha256: str, session: Session, note: Note) -> None: ...
    async def find(self, token_sha256: str) -> tuple[Session, User] | None: ...
    async def touch(self, token_sha256: str, at: datetime) -> None: ...
    async def close(self, token_sha256: str, note: Note | None) -> None: ...
    async def sweep(self, *, idle_since: datetime, opened_before: datetime) -> None:
        """Take out those not used since, and those opened before."""
        ...


class Busy(Exception):
    """More passwords wait to be compared than is good: nothing was done, answer 503."""


class Passwords(Protocol):
    """Argon2id on bounded threads: hashing takes a core's tenth of a second.

    *address* is who asks: each one waits in a line of its own. Raises Busy.
    """

    async def digest(self, password: str, address: str) -> str: ...
    async def matches(self, digest: str | None, password: str, address: str) -> bool:
        """MUST take the same time for None (no such account)."""
        ...


class Arriving(Protocol):
    """Bytes on their way into the store: hashed and counted while written."""

    @property
    def size(self) -> int: ...
    async def write(self, chunk: bytes) -> None: ...
    async def keep(self, media_type: str) -> ObjectRef:
        """MUST be durable when it returns; the same bytes twice are one object."""
        ...


class Scans(Protocol):
    def arriving(self) -> AbstractAsyncContextManager[Arriving]: ...
    async def get(self, key: str) -> bytes: ...
    def local(self, key: str) -> AbstractAsyncContextManager[Path]: ...


class QueueFull(Exception):
    """More files wait to be checked than is good: nothing was taken, answer 503."""


class Rebuilder(Protocol):
    def reserve_room(self) -> AbstractContextManager[None]:
        """A place in the queue of files while the context lasts. MUST raise QueueFull
        where as many as are good have one: what waits for hours is not served, and what
        is taken is never lost.
        """
        ...

    async def rebuild(self, name: str, raw: ObjectRef) -> Part:
        """Raises ScanRefused for a file that cannot become part of a document."""
        ...

    async def join(self, parts: tuple[Part, ...]) -> Original: ...
