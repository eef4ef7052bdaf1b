"""How the pages of a case lie: its files in their order, then its recorded steps.

Nothing is stored but files and steps; where a page lies is derived from both each time
(docs/decisions/0106). A step names pages, never positions, so a file that arrives later
moves nothing. What a clerk may do is decided in ``page_steps``. Start at ``laid``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, Literal

from intake.domain.files import StoredFile

StepKind = Literal[
    "turn",
    "move",
    "drop",
    "restore",
    "insert",
    "replace",
    "straighten",
    "trim",
    "as-scanned",
    "send",
    "split",
    "merge",
]
StepState = Literal["done", "undone", "cut"]
"""*cut*: it was undone, and something else was done after that; it never comes back."""
FULL_TURN: Final = 360


@dataclass(frozen=True, slots=True, order=True)
class PageId:
    """One page of one file, wherever in its case it lies."""

    file: str
    number: int
    """1-based, in the rebuilt file."""

    def __str__(self) -> str:
        return f"{self.file}.{self.number}"


@dataclass(frozen=True, slots=True)
class LaidPage:
    """A page in its place. A dropped one keeps its place, and is not shown there."""

    id: PageId
    turn: int = 0
    """Degrees clockwise, besides the turn that its file has."""
    dropped: bool = False


@dataclass(frozen=True, slots=True)
class Effect:
    """What a step does with pages: lays *pages* in the paper *to* behind the page
    *after* (first of all without one), turns them, drops and brings back others.
    """

    pages: tuple[PageId, ...] = ()
    to: str = ""
    """A document's id; empty where the pages stay where they are."""
    after: PageId | None = None
    turn: int = 0
    drop: tuple[PageId, ...] = ()
    restore: tuple[PageId, ...] = ()

    @property
    def named(self) -> tuple[PageId, ...]:
        """Every page whose place, turn or standing the step changes."""
        return tuple(dict.fromkeys((*self.pages, *self.drop, *self.restore)))


@dataclass(frozen=True, slots=True)
class PaperWords:
    """What a split or a merge changes of a paper besides its pages."""

    title: str
    pages: int
    """How many pages were declared."""
    fee: int
    merged: bool
    """It is no paper of its own (any more)."""


@dataclass(frozen=True, slots=True)
class PaperChange:
    document: str
    before: PaperWords
    after: PaperWords


@dataclass(frozen=True, slots=True)
class PageStep:
    """One step at the desk, by a person. It is never deleted."""

    case: str
    seq: int
    kind: StepKind
    document: str
    """The paper at whose desk it was made."""
    touches: tuple[str, ...]
    """The papers of which it changes something."""
    effect: Effect
    by: str
    by_name: str
    at: datetime
    papers: tuple[PaperChange, ...] = ()
    state: StepState = "done"
    undone_by: str | None = None
    undone_at: datetime | None = None


Laid = dict[str, tuple[LaidPage, ...]]
Arrangement = Mapping[str, tuple[LaidPage, ...]]
"""Document → its pages in order, the dropped ones among them."""


@dataclass(frozen=True, slots=True)
class History:
    """The steps of a case, by number."""

    steps: tuple[PageStep, ...] = field(default=())

    @property
    def next_seq(self) -> int:
        return max((step.seq for step in self.steps), default=0) + 1

    def undoable(self, document: str) -> PageStep | None:
        """The last step that stands and touches the paper."""
        return next((s for s in self._of(document, "done")[::-1]), None)

    def redoable(self, document: str) -> PageStep | None:
        """The first step that was undone there and can come back."""
        return next(iter(self._of(document, "undone")), None)

    def blocking(self, step: PageStep) -> PageStep | None:
        """A step on another paper of *step*'s that must be undone (or redone) first:
        each paper goes back and forth in the order in which it was changed.
        """
        later = step.state == "done"
        return next(
            (
                other
                for other in self.steps
                if other.state == step.state
                and (other.seq > step.seq if later else other.seq < step.seq)
                and set(other.touches) & set(step.touches)
            ),
            None,
        )

    def cut_by(self, touches: Iterable[str]) -> tuple[PageStep, ...]:
        """The undone steps that cannot come back once these papers change. One that is
        cut takes along what was done after it on its other papers.
        """
        reached, cut = set(touches), []
        for step in self.steps:
            if step.state == "undone" and reached & set(step.touches):
                reached |= set(step.touches)
                cut.append(replace(step, state="cut"))
        return tuple(cut)

    def with_steps(self, *changed: PageStep) -> "History":
        """The history with these steps in the place of theirs, or added."""
        steps = {step.seq: step for step in (*self.steps, *changed)}
        return History(tuple(steps[seq] for seq in sorted(steps)))

    def _of(self, document: str, state: StepState) -> list[PageStep]:
        return [s for s in self.steps if s.state == state and document in s.touches]


NO_STEPS: Final = History()


def start(files: Iterable[StoredFile]) -> Laid:
    """Before any step: each paper's rebuilt files in their order, page by page. Those
    that were removed stay among them, unseen: others lie behind their pages. A file
    that was sent in place of a page, or made of one, begins put aside, until the step
    that lays it.
    """
    pages: Laid = {}
    for file in sorted(files, key=lambda f: f.position):
        count = len(file.part.manifest) if file.part is not None else 0
        aside = file.replaces is not None or file.made_of is not None
        own = tuple(
            LaidPage(PageId(file.id, n), dropped=aside) for n in range(1, count + 1)
        )
        pages[file.document] = (*pages.get(file.document, ()), *own)
    return pages


def laid(files: Iterable[StoredFile], history: History) -> Arrangement:
    """Where every page of these files lies after the steps that stand."""
    arrangement = start(files)
    for step in history.steps:
        if step.state == "done":
            arrangement = applied(arrangement, step.effect)
    return arrangement


def applied(arrangement: Arrangement, effect: Effect) -> Laid:
    """The arrangement after one step. A page that is not there is left out: its file is
    not loaded, or its rebuild is not the one of before.
    """
    placed = _placed(arrangement, effect) if effect.to else dict(arrangement)
    changed = frozenset(effect.named)
    return {
        document: tuple(
            _changed(page, effect) if page.id in changed else page for page in pages
        )
        for document, pages in placed.items()
    }


def _placed(arrangement: Arrangement, effect: Effect) -> Laid:
    moved = set(effect.pages)
    taken = {p.id: p for pages in arrangement.values() for p in pages if p.id in moved}
    rest = {
        document: tuple(p for p in pages if p.id not in moved)
        for document, pages in arrangement.items()
    }
    there = rest.get(effect.to, ())
    index = _index_after(there, effect.after)
    come = tuple(taken[page] for page in effect.pages if page in taken)
    rest[effect.to] = (*there[:index], *come, *there[index:])
    return rest


def _index_after(pages: tuple[LaidPage, ...], after: PageId | None) -> int:
    if after is None:
        return 0
    places = (n for n, page in enumerate(pages, start=1) if page.id == after)
    return next(places, len(pages))


def _changed(page: LaidPage, effect: Effect) -> LaidPage:
    turn = effect.turn if page.id in effect.pages else 0
    dropped = page.id not in effect.restore and (page.dropped or page.id in effect.drop)
    return LaidPage(page.id, (page.turn + turn) % FULL_TURN, dropped)


def page_id(text: str) -> PageId:
    """The page that a form names (``str`` of it). Raises ValueError."""
    file, _, number = text.rpartition(".")
    if not file or not number.isascii() or not number.isdigit() or len(number) > 6:  # noqa: PLR2004 - no file has a million pages
        raise ValueError("no page's id")
    return PageId(file, int(number))
