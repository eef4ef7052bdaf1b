"""What a security store needs: the one list of certificates, answers and lists that the
signer would have written, for a copy of dialect 2.

docs/dialect.md §10.9. No signature covers the store, so it has no room for anything
else: no second answer, no list that nobody needs, no other order. Start at
``needed_store``.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from storage.domain.gate.pdf.stores import Store
from storage.domain.gate.pki.certificate_chains import UsedCertificate
from storage.domain.gate.pki.crls import list_covers
from storage.domain.gate.pki.ocsp import OcspAnswer, answer_covers
from storage.domain.gate.pki.subjects import Subject, subjects
from storage.domain.gate.refusal import Refused


def needed_store(
    leaves: Sequence[UsedCertificate],
    answers: Sequence[tuple[bytes, OcspAnswer]],
    lists: Sequence[tuple[bytes, bytes]],
) -> Store:
    """The items that speak for these certificates, each once, in the writer's order:
    signers before time-stamp authorities, a leaf before the authorities above it, and
    behind all chains the responders.

    *answers* with what they say and *lists* with their issuers are what there is to
    choose from: of two that speak for one certificate the first is taken, and an answer
    before a list. Raises Refused where none does.
    """
    ordered = sorted(leaves, key=lambda leaf: leaf.role == "tsa")
    proofs = [_proof(one, answers, lists) for one in _in_order(ordered)]
    chains = [der for one in ordered for der in (one.der, *one.chain.authorities)]
    said = [answer for _, answer in proofs if answer is not None]
    responders = [one.responder for one in said if one.responder is not None]
    return Store(
        _once([*chains, *responders]),
        _once(item for item, answer in proofs if answer is not None),
        _once(item for item, answer in proofs if answer is None),
    )


def _in_order(leaves: Iterable[UsedCertificate]) -> Iterator[Subject]:
    """Whoever needs an answer, in the order in which their chains are met."""
    leaves = list(leaves)
    known = {(one.der, one.issuer): one for one in subjects(leaves)}
    lines = [(one.der, *one.chain.authorities) for one in leaves]
    pairs = dict.fromkeys(pair for line in lines for pair in pairwise(line))
    return (known[pair] for pair in pairs)


def _proof(
    subject: Subject,
    answers: Sequence[tuple[bytes, OcspAnswer]],
    lists: Sequence[tuple[bytes, bytes]],
) -> tuple[bytes, OcspAnswer | None]:
    for item, answer in answers:
        if answer_covers(answer, subject):
            return item, answer
    for item, issuer in lists:
        if issuer == subject.issuer and list_covers(item, subject):
            return item, None
    raise Refused("revocation-missing", f"{subject.serial:x}")


def _once(items: Iterable[bytes]) -> tuple[bytes, ...]:
    return tuple(dict.fromkeys(items))
