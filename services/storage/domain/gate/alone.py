"""A copy judged without intake's order: does it hold by itself?

A catalogue can be lost or older than the copies that people hold. Such a copy still
says what was ordered: which entry, which pages and images, whose keys. These terms are
read here without trust in them, and then the gate judges the file against them: it
refuses every file that is not, byte for byte, what our signer makes of such an order.
What only the real order can say (was exactly this ordered?) stays open. Start at
``hold_alone``.
"""

from dataclasses import dataclass
from typing import Final

from cryptography.x509.oid import NameOID

from ecopy.identifiers import EntryId, Sha256
from storage.domain.budget import SearchBudget, SpentError
from storage.domain.gate.beginning import check_sealed
from storage.domain.gate.pdf.objects import Obj
from storage.domain.gate.pdf.shape import HEADER, Revision, parse
from storage.domain.gate.pdf.tokens import Buffer
from storage.domain.gate.pki.trust import Trust, TrustedIdentity
from storage.domain.gate.refusal import Refused, require
from storage.domain.gate.story import Passed, judge
from storage.domain.gate.terms import SIGNED_REVISIONS, read_terms
from storage.domain.gate.windows import windows

MAX_MARKS: Final = 100_000
"""Objects and entries of tables together: a copy of 2,000 pages has some 20,000."""
MAX_OBJECT_BYTES: Final = 16 << 20
"""The largest object but an image: revocation lists have some megabytes."""
_MARKS: Final = (b"\nendobj\n", b" 00000 n \n")
_BYTES_A_STEP: Final = 16


@dataclass(frozen=True, slots=True)
class Alone:
    """What a copy that holds by itself says of its making."""

    entry: EntryId
    number: str
    """The displayed number, as the signed file says it."""
    agency: str
    """Whose seal it is, by the name in the seal's certificate."""
    passed: Passed
    signed_end: int
    """Where the seal's revision ends: what follows is proven, but not signed."""


def hold_alone(
    data: Buffer, trust: Trust, sha256: Sha256, budget: SearchBudget | None = None
) -> Alone:
    """The copy, if both signatures are ours, cover it as the dialect says and every
    check of the gate holds that needs no order. Raises Refused, SpentError and nothing
    else.

    CPU-bound, about twice the time of the gate.
    """
    budget = budget or SearchBudget()
    try:
        # ``parse`` asks it, too, but after the whole file was searched: of what a
        # citizen brings by mistake, most is another kind of file and costs nothing.
        require(data[: len(HEADER)] == HEADER, "header")
        check_sealed(data, trust, budget)
        revisions = _revisions(data, budget)
        terms = read_terms(revisions, trust)
    except (Refused, SpentError):
        raise
    # Whatever a stranger's bytes can make our code raise must be a verdict, not a 500.
    except Exception as error:  # the verifier's edge: unforeseen is refused
        raise Refused("unexpected", repr(error)[:200]) from error
    passed = judge(data, terms, trust, sha256)
    seal = trust.identities[terms.agency.certificate_sha256]
    return Alone(
        terms.entry,
        terms.clause.number,
        _named_in(seal),
        passed,
        revisions[SIGNED_REVISIONS - 1].end,
    )


def _revisions(data: Buffer, budget: SearchBudget) -> list[Revision]:
    """The parsed file. Anybody may have made its end, so its objects are counted first,
    and only an image may be large.
    """
    marks = 0
    for _, window in windows(data, max(map(len, _MARKS)) - 1):
        budget.spend(len(window) // _BYTES_A_STEP)
        marks += sum(window.count(mark) for mark in _MARKS)
        require(marks <= MAX_MARKS, "too-many-objects")
    revisions = parse(data, budget)
    require(len(revisions) >= SIGNED_REVISIONS, "revision-count", len(revisions))
    for revision in revisions:
        for obj in revision.objects.values():
            small = obj.end - obj.start <= MAX_OBJECT_BYTES
            require(small or _is_image(obj), "object-too-large", obj.number)
    return revisions


def _is_image(obj: Obj) -> bool:
    return obj.dictionary().get(b"/Subtype") == b"/Image"


def _named_in(identity: TrustedIdentity) -> str:
    """The common name in the certificate that the operator pinned."""
    named = identity.certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(named[0].value) if named else ""
