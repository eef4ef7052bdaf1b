"""The states of a document and of its case, and which moves are between them.

A document moves; a case's state is that of its least advanced document: one that waits
for its requester first, because then the whole case does, and a returned one next.
Overdue is computed, never a state. Start at ``MOVES``.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final


class State(StrEnum):
    DRAFT = "draft"
    RECEIVED = "received"
    SUPPLEMENT = "supplement"
    """It waits for what its requester has to bring; the clock of its case stands."""
    AWAITING = "awaiting"
    RETURNED = "returned"
    """Sent back for a rescan."""
    REGISTERED = "registered"
    TO_SEAL = "toseal"
    """It has its number, and waits for the seal keeper's release; no key is used."""
    SIGNED = "signed"
    ISSUED = "issued"
    REFUSED = "refused"
    HELD = "held"
    """Suspected forgery or unlawful content: held for report."""
    VOIDING = "voiding"
    """A person has declared the number void; storage has not answered yet."""
    VOID = "void"
    """The number ends without a copy, and none can come any more."""
    NOT_ACCEPTED = "notaccepted"
    """A clerk did not take it on, with a ground: no number, no fee."""
    TAKEN_BACK = "leftback"
    """Its requester wants it no more, before the approval: no number, no fee."""
    MERGED = "merged"
    """Its pages lie in another paper of the case: it is no paper of its own."""


class Move(StrEnum):
    RECEIVE = "receive"
    SUBMIT = "submit"
    APPROVE = "approve"
    SEND_BACK = "send-back"
    REFUSE = "refuse"
    HOLD = "hold"
    AWAIT_SEAL = "await-seal"
    RELEASE = "release"
    WITHHOLD = "withhold"
    """The seal keeper gives it back to its certifier."""
    SEAL = "seal"
    ISSUE = "issue"
    ORDER_AGAIN = "order-again"
    VOID = "void"
    CLOSE = "close"
    ASK = "ask"
    """The requester is asked to bring what is missing."""
    BRING = "bring"
    NOT_ACCEPT = "not-accept"
    TAKE_BACK = "take-back"
    MERGE = "merge"
    PART = "part"
    """A paper of its own again: a merge is undone, or a split done once more."""


MOVES: Final[dict[tuple[State, Move], State]] = {
    (State.DRAFT, Move.RECEIVE): State.RECEIVED,
    (State.RECEIVED, Move.SUBMIT): State.AWAITING,
    (State.RETURNED, Move.SUBMIT): State.AWAITING,
    (State.AWAITING, Move.APPROVE): State.REGISTERED,
    (State.AWAITING, Move.SEND_BACK): State.RETURNED,
    (State.AWAITING, Move.REFUSE): State.REFUSED,
    (State.AWAITING, Move.HOLD): State.HELD,
    (State.REGISTERED, Move.AWAIT_SEAL): State.TO_SEAL,
    (State.TO_SEAL, Move.RELEASE): State.REGISTERED,
    (State.TO_SEAL, Move.WITHHOLD): State.REGISTERED,
    (State.TO_SEAL, Move.SEAL): State.SIGNED,
    (State.TO_SEAL, Move.ISSUE): State.ISSUED,
    (State.REGISTERED, Move.SEAL): State.SIGNED,
    (State.REGISTERED, Move.ISSUE): State.ISSUED,
    (State.SIGNED, Move.ISSUE): State.ISSUED,
    (State.REGISTERED, Move.ORDER_AGAIN): State.REGISTERED,
    (State.SIGNED, Move.ORDER_AGAIN): State.REGISTERED,
    (State.REGISTERED, Move.VOID): State.VOIDING,
    (State.SIGNED, Move.VOID): State.VOIDING,
    (State.VOIDING, Move.CLOSE): State.VOID,
    (State.VOIDING, Move.ISSUE): State.ISSUED,
    (State.RECEIVED, Move.ASK): State.SUPPLEMENT,
    (State.RETURNED, Move.ASK): State.SUPPLEMENT,
    (State.SUPPLEMENT, Move.BRING): State.RECEIVED,
    (State.SUPPLEMENT, Move.NOT_ACCEPT): State.NOT_ACCEPTED,
    (State.SUPPLEMENT, Move.TAKE_BACK): State.TAKEN_BACK,
    (State.DRAFT, Move.NOT_ACCEPT): State.NOT_ACCEPTED,
    (State.RECEIVED, Move.NOT_ACCEPT): State.NOT_ACCEPTED,
    (State.RETURNED, Move.NOT_ACCEPT): State.NOT_ACCEPTED,
    (State.DRAFT, Move.TAKE_BACK): State.TAKEN_BACK,
    (State.RECEIVED, Move.TAKE_BACK): State.TAKEN_BACK,
    (State.RETURNED, Move.TAKE_BACK): State.TAKEN_BACK,
    (State.AWAITING, Move.TAKE_BACK): State.TAKEN_BACK,
    (State.RECEIVED, Move.MERGE): State.MERGED,
    (State.RETURNED, Move.MERGE): State.MERGED,
    (State.MERGED, Move.PART): State.RECEIVED,
}
"""``registered → issued``: the fact of archiving may overtake that of sealing.
``voiding → issued``: a copy was archived before storage heard that it should not be
(docs/decisions/0082). ``received → notaccepted``: a paper counts as received before a
clerk has looked at it closely (docs/decisions/0122). ``supplement → received`` and
``merged → received``, also for a paper that had been sent back: what was brought is
compared anew, and its pages were arranged anew since. ``toseal → signed`` and
``issued``: a register that was put back from before the release hears what came of it.
"""

ENDS: Final = frozenset(
    {
        State.ISSUED,
        State.REFUSED,
        State.HELD,
        State.VOID,
        State.NOT_ACCEPTED,
        State.TAKEN_BACK,
        State.MERGED,
    }
)
WITHOUT_COPY: Final = ENDS - {State.ISSUED}
"""The ends at which no copy was made: no fee is due (Circular 226/2016/TT-BTC, article
4, has it for each copy)."""
OPEN: Final = frozenset(set(State) - ENDS)
EDITABLE: Final = frozenset({State.RECEIVED, State.RETURNED})
CORRECTABLE: Final = EDITABLE | {State.SUPPLEMENT, State.AWAITING}
"""The states in which what was typed can be put right: until the approval."""
ORDERED: Final = frozenset({State.REGISTERED, State.SIGNED})
"""The states in which a copy is on its way."""
MOVING: Final = ORDERED | {State.VOIDING}
"""The states in which a machine is at work."""
UNENDED: Final = MOVING | {State.TO_SEAL}
"""The states of a number that has not ended yet."""
_URGENCY: Final = (
    State.SUPPLEMENT,
    State.RETURNED,
    State.DRAFT,
    State.RECEIVED,
    State.AWAITING,
    State.TO_SEAL,
    State.REGISTERED,
    State.SIGNED,
    State.VOIDING,
    State.ISSUED,
    State.HELD,
    State.VOID,
    State.REFUSED,
    State.NOT_ACCEPTED,
    State.TAKEN_BACK,
    State.MERGED,
)


class NotAllowed(Exception):
    """The state or a guard forbids it; ``key`` names the sentence."""

    def __init__(self, key: str, **values: str | int) -> None:
        super().__init__(key)
        self.key = key
        self.values = values


def moved(state: State, move: Move) -> State:
    """The state after the move; NotAllowed where no such step is lawful."""
    after = MOVES.get((state, move))
    if after is None:
        raise NotAllowed("error.state", state=state, move=move)
    return after


def case_state(states: Iterable[State]) -> State:
    """The state of the document that needs a person most; a case without documents is a
    draft.
    """
    return min(states, key=_URGENCY.index, default=State.DRAFT)


def short_of_submission(
    *, files_busy: int, pages: int, declared: int, compared: bool
) -> tuple[str, ...]:
    """Why a document cannot be submitted yet, as slugs; empty when it can.

    The page count must agree: what is certified is the whole original.
    """
    found = {
        "file-busy": files_busy > 0,
        "no-file": pages == 0,
        "page-count": pages not in (0, declared),
        "not-compared": not compared,
    }
    return tuple(slug for slug, stands in found.items() if stands)
