"""A step taken back, and done again: the last one that touches the paper.

A later step over the same pages of another paper comes first (``History.blocking``).
Start at ``undo``.
"""

from dataclasses import replace

from intake.domain import desk
from intake.domain.arranging import PageStep, PaperChange
from intake.domain.states import NotAllowed
from intake.domain.stepping import (
    CaseOnDesk,
    Hand,
    Rearranged,
    check_version,
    rearranged,
    step_note,
)


def undo(case: CaseOnDesk, hand: Hand) -> Rearranged:
    """Take back the last step that touches the paper."""
    step = case.history.undoable(hand.document)
    if step is None:
        raise NotAllowed("error.nothing-to-undo")
    _check_not_blocked(case, step, "error.undo-there-first")
    undone = replace(step, state="undone", undone_by=hand.by.name, undone_at=hand.at)
    back = tuple(
        PaperChange(c.document, before=c.after, after=c.before) for c in step.papers
    )
    return _again(case, hand, undone, back, "step-undone")


def redo(case: CaseOnDesk, hand: Hand) -> Rearranged:
    """Do again what was undone last."""
    step = case.history.redoable(hand.document)
    if step is None:
        raise NotAllowed("error.nothing-to-redo")
    _check_not_blocked(case, step, "error.redo-there-first")
    done = replace(step, state="done", undone_by=None, undone_at=None)
    return _again(case, hand, done, step.papers, "step-redone")


def _again(
    case: CaseOnDesk,
    hand: Hand,
    step: PageStep,
    papers: tuple[PaperChange, ...],
    action: str,
) -> Rearranged:
    ended = frozenset(c.document for c in papers if c.before.merged)
    for name in step.touches:
        document = case.document(name)
        check_version(document, hand)
        if name not in ended:
            desk.check_editable(document)
    note = step_note(case, hand, action, len(step.effect.named), kind=step.kind)
    return rearranged(case, hand, (step,), papers, note)


def _check_not_blocked(case: CaseOnDesk, step: PageStep, key: str) -> None:
    other = case.history.blocking(step)
    if other is not None:
        raise NotAllowed(key, n=case.document(other.document).ordinal)
