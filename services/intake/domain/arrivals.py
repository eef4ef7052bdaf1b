"""Files that came through a hot folder, and what becomes of them before they are scans
of a paper.

The moves are pure: each takes an arrival and returns the next one, or raises
NotAllowed. Start at ``Arrival``.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal

from ecopy.identifiers import ObjectRef
from intake.domain import text
from intake.domain.files import Part, StoredFile
from intake.domain.people import Actor
from intake.domain.records import Note, NotFound, Outcome
from intake.domain.states import NotAllowed

MOST_AT_ONCE: Final = 100
"""The most arrivals of one form: a day's pile of a small office."""
Trouble = Literal["", "unreadable", "not-writable", "store"]


@dataclass(frozen=True, slots=True)
class SeenFile:
    """A file in a hot folder, as one look found it. Two looks that are equal saw the
    same bytes, as far as a file system says.
    """

    sender: str
    """The folder inside the hot folder that it lies in: a scanner, or a person."""
    name: str
    """The file's name, as the file system has it."""
    size: int
    device: int
    inode: int
    modified_ns: int
    changed_ns: int
    """Nobody can set it, so a copy that took over the other times is told apart."""


@dataclass(frozen=True, slots=True)
class Arrival:
    id: str
    agency: str
    folder: str
    """The hot folder's name in the settings."""
    sender: str
    name: str
    """The file's name, made safe to show."""
    origin: str
    """Tells the file in the folder from every other, before it and after it."""
    size: int
    arrived_at: datetime
    raw: ObjectRef | None = None
    """None for a file that was moved aside in its folder."""
    state: Literal["waiting", "assigned", "set-aside"] = "waiting"
    checked: Literal["busy", "good", "refused", "moved"] = "busy"
    fault: str = ""
    detail: str = ""
    part: Part | None = None
    document: str = ""
    file: str = ""
    """The id of the scan that it became in the document."""
    by: str = ""
    by_name: str = ""
    at: datetime | None = None
    """When somebody moved it last; None while nobody has."""
    reason: str = ""

    @property
    def object_keys(self) -> frozenset[str]:
        """Keys of all objects that were made of it, the raw one among them."""
        raw = (self.raw.key,) if self.raw is not None else ()
        made = self.part.object_keys if self.part is not None else ()
        return frozenset((*raw, *made))

    @property
    def pages(self) -> int:
        return len(self.part.pages) if self.part is not None else 0


@dataclass(frozen=True, slots=True)
class FolderReport:
    """What the replica that watches a hot folder last saw of it."""

    name: str
    agency: str
    looked_at: datetime
    trouble: Trouble = ""
    since: datetime | None = None
    """When the trouble began."""
    arriving: tuple[tuple[str, int], ...] = ()
    """Name and bytes of each file that is still being written."""


@dataclass(frozen=True, slots=True)
class Moved:
    """Arrivals after a move, with the paper that it changed and the lines of audit."""

    arrivals: tuple[Arrival, ...]
    outcome: Outcome | None = None
    notes: tuple[Note, ...] = ()


def check_own(arrival: Arrival, by: Actor) -> None:
    """Raises NotFound for an arrival of another agency."""
    if arrival.agency != by.agency:
        raise NotFound(arrival.id)


def as_file(arrival: Arrival, file: str, document: str, by: Actor) -> StoredFile:
    """The scan that it becomes. Raises NotAllowed unless it waits and is good."""
    if arrival.state != "waiting":
        raise NotAllowed("error.arrival-gone", name=arrival.name, who=arrival.by_name)
    if arrival.raw is None or arrival.part is None:
        raise NotAllowed("error.arrival-not-good", name=arrival.name)
    return StoredFile(
        file,
        document,
        0,
        arrival.name,
        arrival.raw,
        by.name,
        arrival.arrived_at,
        state="good",
        part=arrival.part,
    )


def assigned(
    arrival: Arrival, file: str, document: str, by: Actor, at: datetime
) -> Arrival:
    moved = _moved(arrival, by, at)
    return replace(moved, state="assigned", document=document, file=file, reason="")


def given_back(arrival: Arrival, by: Actor, at: datetime) -> Arrival:
    """It waits again, as before it was assigned or set aside."""
    if arrival.state == "waiting":
        raise NotAllowed("error.arrival-waits", name=arrival.name)
    moved = _moved(arrival, by, at)
    return replace(moved, state="waiting", document="", file="", reason="")


def set_aside(arrival: Arrival, reason: str, by: Actor, at: datetime) -> Arrival:
    """Nobody is to assign it. Raises NotAllowed without a reason."""
    typed = text.line(reason)
    if not typed or len(typed) > text.LINE_CHARACTERS:
        raise NotAllowed("error.arrival-reason", most=text.LINE_CHARACTERS)
    if arrival.state != "waiting":
        raise NotAllowed("error.arrival-gone", name=arrival.name, who=arrival.by_name)
    return replace(_moved(arrival, by, at), state="set-aside", reason=typed)


def note(arrival: Arrival, action: str, by: Actor, at: datetime) -> Note:
    """A line of the audit; the file's name may be a citizen's, so it is left out."""
    return Note(
        at=at,
        actor=by.user,
        actor_name=by.name,
        agency=arrival.agency,
        action=action,
        address=by.address,
        values={"arrival": arrival.id, "size": arrival.size},
    )


def _moved(arrival: Arrival, by: Actor, at: datetime) -> Arrival:
    return replace(arrival, by=by.user, by_name=by.name, at=at)
