"""The two ends of a number, heard by event: its copy is archived, or none ever will be.

Harmless in any order and any number of times. What is heard on the way is in
``following``. Start at ``archived``.
"""

from dataclasses import replace

from ecopy import events
from intake.domain import expecting, linking, states
from intake.domain.certifications import Certification
from intake.domain.desk import MACHINE, note
from intake.domain.records import CaseDocument, Outcome
from intake.domain.register import RegisterNote
from intake.domain.states import Move, State


def archived(document: CaseDocument, fact: events.CopyArchived) -> Outcome:
    """The archive has re-read the copy: issued, whatever was heard before, also while
    the number was being declared void.
    """
    certification = document.certification
    if certification is None:
        return Outcome(document)
    if document.state in {State.ISSUED, State.VOID}:
        return _announced_again(document, certification, fact)
    after = replace(
        certification,
        issued_at=fact.at,
        setback=None,
        copy_pages=fact.pages,
        copy_size=fact.copy_ref.size,
        copy_sha256=fact.copy_ref.sha256,
    )
    after = linking.promised(after, fact.link_expires_at)
    notes = [note(document, "issued", MACHINE, fact.at, pages=fact.pages)]
    if document.state is State.VOIDING:
        notes.append(note(document, "issued-after-all", MACHINE, fact.at))
    return Outcome(
        replace(
            document,
            state=states.moved(document.state, Move.ISSUE),
            certification=expecting.settled(after),
        ),
        tuple(notes),
    )


def _announced_again(
    document: CaseDocument, certification: Certification, fact: events.CopyArchived
) -> Outcome:
    """The same copy once more is no news. Another one, or one under a number that ended
    without, is a contradiction between two services: the desk keeps what it has, and
    the other digest for a person to look at.
    """
    digest = fact.copy_ref.sha256
    if digest in {certification.copy_sha256, certification.other_sha256}:
        return Outcome(document)
    if certification.copy_sha256 is None and _issued_as(certification, fact):
        known = replace(certification, copy_sha256=digest)
        return Outcome(replace(document, certification=known))
    line = note(document, "other-copy", MACHINE, fact.at, sha256=digest)
    other = replace(certification, other_sha256=digest)
    return Outcome(replace(document, certification=other), (line,))


def contradicted(outcome: Outcome, fact: events.CopyArchived) -> bool:
    """Whether the archive has announced another copy than the desk knows of."""
    certification = outcome.document.certification
    return (
        certification is not None and certification.other_sha256 == fact.copy_ref.sha256
    )


def _issued_as(certification: Certification, fact: events.CopyArchived) -> bool:
    """A copy issued before its digest was noted: its size and pages were."""
    issued = (certification.copy_size, certification.copy_pages)
    return issued == (fact.copy_ref.size, fact.pages)


def closed(document: CaseDocument, fact: events.CertificationClosed) -> Outcome:
    """Storage archives nothing under this number any more: it is void, and the register
    has who said so, when and why.
    """
    certification = document.certification
    if certification is None or certification.voiding is None:
        return Outcome(document)
    word = certification.voiding
    if document.state is not State.VOIDING or fact.revision != word.revision:
        return Outcome(document)
    after = expecting.settled(replace(certification, setback=None))
    return Outcome(
        replace(
            document,
            state=states.moved(document.state, Move.CLOSE),
            certification=after,
        ),
        (note(document, "void", MACHINE, fact.at),),
        remark=RegisterNote(word.at, word.by_name, word.reason, kind="void"),
    )
