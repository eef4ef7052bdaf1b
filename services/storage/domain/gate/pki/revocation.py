"""The security store, judged: everything that was used is alive, nothing is foreign.

EN 319 142-1 §5.4, EN 319 102-1 §5.2.5. Each answer is verified under a pinned
authority and speaks of a certificate that was used; no path is built.
"""

from collections.abc import Sequence
from typing import Final

from storage.domain.gate.pdf.stores import NOTHING, Store
from storage.domain.gate.pki.certificate_chains import (
    TrustedChain,
    UsedCertificate,
    leaf_under,
)
from storage.domain.gate.pki.crls import check_not_listed, issuer_of, list_covers
from storage.domain.gate.pki.needed import needed_store
from storage.domain.gate.pki.ocsp import (
    OcspAnswer,
    answer_covers,
    check_spelling,
    read_answer,
)
from storage.domain.gate.pki.subjects import Subject, subjects
from storage.domain.gate.refusal import require

MOST_ITEMS: Final = 2
ANSWER_BYTES: Final = 64 << 10
"""The longest OCSP answer; with the responder's certificate it has some 3 kB."""


def judge_store(store: Store, leaves: Sequence[UsedCertificate]) -> None:
    used = subjects(leaves)
    issuers = {subject.issuer for subject in used}
    _check_measure(store, len(used))
    answers = [read_answer(item, issuers) for item in store.answers]
    for answer in answers:
        _check_answer(answer, used)
    lists = [(item, issuer_of(item, issuers)) for item in store.lists]
    for subject in used:
        own = [item for item, issuer in lists if issuer == subject.issuer]
        _check_subject(subject, answers, own)
    _check_certificates(store, used, answers)


def check_exact(store: Store, leaves: Sequence[UsedCertificate]) -> None:
    """The store, judged before, is written as the signer writes it for *leaves*."""
    _check_same(store, _needed(store, leaves))
    _check_spellings(store, leaves)


def check_widened(store: Store, more: Store, leaves: Sequence[UsedCertificate]) -> None:
    """The same of *more*, which stands behind a document timestamp: what all of
    *leaves* need then, but for what is in *store*.
    """
    if more == NOTHING:
        return
    # What is new is preferred: an answer may have aged until the document timestamp.
    _check_same(more, _needed(more.with_more(store), leaves).without(store))
    _check_spellings(more, leaves)


def _needed(store: Store, leaves: Sequence[UsedCertificate]) -> Store:
    issuers = {subject.issuer for subject in subjects(leaves)}
    return needed_store(
        leaves,
        [(item, read_answer(item, issuers)) for item in store.answers],
        [(item, issuer_of(item, issuers)) for item in store.lists],
    )


def _check_spellings(store: Store, leaves: Sequence[UsedCertificate]) -> None:
    issuers = {subject.issuer for subject in subjects(leaves)}
    for item in store.answers:
        check_spelling(item, issuers)


def _check_same(found: Store, needed: Store) -> None:
    same = found.certificates == needed.certificates
    require(same, "store-certificates", "not as the signer writes them")
    same = (found.answers, found.lists) == (needed.answers, needed.lists)
    require(same, "store-items", "not as the signer writes them")


def _check_measure(store: Store, used: int) -> None:
    """No signature covers the store, so an outsider could fill it: two items for each
    certificate that was used are enough, also where the archive's store adds one.
    """
    for items in (store.answers, store.lists):
        require(len(items) <= MOST_ITEMS * used, "store-items", len(items))
        require(len(set(items)) == len(items), "store-items", "twice")
    largest = max(map(len, store.answers), default=0)
    require(largest <= ANSWER_BYTES, "store-items", largest)


def _check_answer(answer: OcspAnswer, used: list[Subject]) -> None:
    """It speaks of something used; its responder was alive when it answered."""
    about = next((s for s in used if answer.about(s)), None)
    require(about, "revocation-foreign", f"{answer.serial:x}")
    if about is None or answer.responder is None:
        return
    chain = about.chain
    above = chain.authorities[chain.authorities.index(answer.issuer) :]
    part = TrustedChain(chain.name, above, chain.valid_from, chain.valid_until)
    leaf_under([part], answer.responder, answer.produced, "ocsp")


def _check_subject(
    subject: Subject, answers: list[OcspAnswer], lists: list[bytes]
) -> None:
    """A fresh answer, or a list that still holds; and no list names it."""
    for item in lists:
        check_not_listed(item, subject)
    if any(answer_covers(answer, subject) for answer in answers):
        return
    listed = any(list_covers(item, subject) for item in lists)
    require(listed, "revocation-missing", f"{subject.serial:x}")


def _check_certificates(
    store: Store, used: list[Subject], answers: list[OcspAnswer]
) -> None:
    """Every chain in full, and beside them only responders that answered."""
    chains = {s.der for s in used} | {
        authority for s in used for authority in s.chain.authorities
    }
    present = set(store.certificates)
    require(len(present) == len(store.certificates), "store-certificates", "twice")
    require(chains <= present, "store-certificates", "incomplete")
    responders = {a.responder for a in answers if a.responder is not None}
    require(responders <= present, "store-certificates", "a responder's is missing")
    foreign = present - chains - responders
    require(not foreign, "store-certificates", "foreign")
