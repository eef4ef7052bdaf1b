"""A new scan that was sent in place of a page: settled, and laid there, in one step.

Its pages begin put aside (``arranging.start``), so an undo puts them aside again and
brings the old page back. Start at ``settled``.
"""

from dataclasses import replace
from datetime import datetime

from intake.domain import arranging, page_steps, paper_files
from intake.domain.arranging import PageId
from intake.domain.files import Replacement, StoredFile
from intake.domain.records import CaseDocument
from intake.domain.states import NotAllowed
from intake.domain.stepping import CaseOnDesk, Hand, Rearranged


def check_there(document: CaseDocument, page: str) -> None:
    """Raises NotAllowed unless the page is one of the paper now: before its successor
    is sent, not after.
    """
    if all(str(each.id) != page for each in document.pages):
        raise NotAllowed("error.pages-changed")


def settled(case: CaseOnDesk, file: StoredFile, at: datetime) -> Rearranged:
    """The paper with the good *file* in the place of the page that it replaces.

    Where that page is not in the paper any more, or nobody may work on the paper, the
    file is an ordinary one: its pages lie where its place in the order says. Safe to
    repeat, as ``paper_files.settle_file`` is.
    """
    if file.replaces is None:
        raise AssertionError("only for a file that replaces a page")
    try:
        return _laid(case, file, file.replaces, at)
    except NotAllowed:
        plain = replace(file, replaces=None)
        before = case.document(file.document)
        outcome = paper_files.settle_file(before, plain, at)
        changed = outcome.document != before
        return Rearranged(
            documents=(outcome.document,) if changed else (), notes=outcome.notes
        )


def _laid(
    case: CaseOnDesk, file: StoredFile, wanted: Replacement, at: datetime
) -> Rearranged:
    before = case.document(file.document)
    outcome = paper_files.settle_file(before, file, at)
    if outcome.document == before:
        return Rearranged()
    papers = tuple(
        outcome.document if each.id == before.id else each for each in case.documents
    )
    # The sender's word was given for the page, not for a version of the papers: what
    # changed while the file was on its way is looked at here, under the case's lock.
    versions = {each.id: each.version for each in papers}
    hand = Hand(file.document, versions, wanted.by, at)
    laid = page_steps.replace_page(
        replace(case, documents=papers), hand, _page(wanted), _pages(file)
    )
    return replace(laid, notes=(*outcome.notes, *laid.notes))


def _page(wanted: Replacement) -> PageId:
    try:
        return arranging.page_id(wanted.page)
    except ValueError as error:
        raise NotAllowed("error.pages-changed") from error


def _pages(file: StoredFile) -> tuple[PageId, ...]:
    count = len(file.part.manifest) if file.part is not None else 0
    return tuple(PageId(file.id, number) for number in range(1, count + 1))
