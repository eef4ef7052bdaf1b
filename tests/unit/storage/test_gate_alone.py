"""A file judged without its order: each refusal that only this judgement can give."""

from collections.abc import Callable
from hashlib import sha256

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

from ecopy.events import ManifestPage
from storage.domain.budget import STEPS, SearchBudget
from storage.domain.gate import Refused, compile_trust, gate, hold_alone
from storage.domain.gate.alone import Alone
from support.forgeries.outsiders import rewrite, whole
from support.forging.base import FORM, OFFICER, PAGES, XMP
from support.forging.case import Case, case, ends, sound
from support.forging.copy import PINS, ROOM, append, good
from support.forging.hands import base, bend, made, members, officer, seal
from support.forging.order import image
from support.forging.pki import Entity, ours, trust_document

MARKS = 100_001
LARGE = (16 << 20) + 1
TOO_MANY = 2001


def judged(made):
    trust = compile_trust(made.trust)
    try:
        hold_alone(made.data, trust, "0" * 64)
    except Refused as refused:
        return refused.reason
    return "holds"


def _range_in_the_base():
    """The base has words that look like a range, so the seal's key, which made the
    first signature, seems to have made the second.
    """
    copy = good()
    bend(copy.officer, {"signer": copy.pki.seal})
    copy.objects[35] = b"<< /X (/ByteRange[0 1 2 3]) >>"
    data = copy.write()
    return case(data[: ends(data)[1]])


def _backwards(found):
    """The seal's range ends before it begins."""
    return b"%b%d%b" % (found[1], int(found[2]) - 1, found[3])


def _bodies(old, new):
    def change(bodies):
        (number, text), *others = bodies
        assert old in text
        return [(number, text.replace(old, new, 1)), *others]

    return change


def _second_signature(bodies):
    return [*bodies, (99, b"<</Type/Sig>>")]


def _kids(bent):
    kids = b"18 0 R " * TOO_MANY
    bent.objects[PAGES] = b"<< /Count 1 /Kids [ %b] /Type /Pages >>" % kids


UNFILLED = b"/ByteRange[%b]/Contents<%b>" % (b" " * 43, b"0" * ROOM * 2)
HUGE = b"<</Length %d>>\nstream\n%b\nendstream" % (LARGE, bytes(LARGE))

WRONG: dict[str, tuple[str, Callable[[], Case]]] = {
    "marks without number": (
        "too-many-objects",
        whole(lambda d: d + b" 00000 n \n" * MARKS),
    ),
    "an object without measure": (
        "object-too-large",
        whole(lambda d: append(d, [(99, HUGE)])),
    ),
    "two revisions": ("revision-count", _range_in_the_base),
    "range backwards": (
        "byte-range",
        rewrite(rb"(/ByteRange\[0 (\d+) )\d+( \d+)(?= *\]/Contents)", _backwards, 1),
    ),
    "cut before the seal's end": ("byte-range", whole(lambda d: d[: ends(d)[2] - 3])),
    "sealed by the officer": (
        "identity-not-pinned",
        made(lambda b: bend(b.seal, {"signer": b.pki.officer})),
    ),
    "signed by the seal": (
        "identity-not-pinned",
        made(lambda b: bend(b.officer, {"signer": b.pki.seal})),
    ),
    "one range only": ("signature-missing", whole(lambda d: d[: ends(d)[1]])),
    "pages without number": ("page-count", made(_kids)),
    "pages of words": (
        "page-tree",
        base(PAGES, b"/Kids [ 18 0 R 22 0 R 27 0 R 31 0 R 10 0 R ]", b"/Kids (x)"),
    ),
    "page's resources of words": (
        "page-content",
        base(18, b"<< /XObject <<", b"<< /Y <<"),
    ),
    "palette elsewhere": (
        "image",
        base(21, b"/DeviceRGB", b"[ /Indexed /DeviceRGB 2 9 0 R ]"),
    ),
    "fields of words": ("form", base(FORM, b"[ 5 0 R 6 0 R ]", b"(x)")),
    "a field in no layout": ("form", base(OFFICER, b"[ 80 324", b"[ 81 324")),
    "colours of words": ("image", base(21, b"/DeviceRGB", b"(DeviceRGB)")),
    "image without a filter": ("image", base(21, b"/Filter /DCTDecode ", b"")),
    "parameter elsewhere": ("image", base(25, b"/K -1", b"/K 9 0 R")),
    "two signatures at once": ("signature-missing", officer(bodies=_second_signature)),
    "two seals at once": ("signature-missing", seal(bodies=_second_signature)),
    "signature of another type": (
        "signature-missing",
        officer(bodies=_bodies(b"/Type/Sig/F", b"/Type/Seg/F")),
    ),
    "signature of numbers": (
        "signature-dictionary",
        officer(bodies=_bodies(UNFILLED, b"/ByteRange[0 1 2 3]/Contents[(x)]")),
    ),
    "hour of another zone": (
        "signature-dictionary",
        officer(bodies=_bodies(b"+07'00'", b"+08'00'")),
    ),
    "entry not named": (
        "entry-not-as-ordered",
        base(XMP, b"<dc:identifier>", b"<dc:identifies>"),
    ),
    "number not named": ("metadata", base(XMP, b"x-default", b"x-defaulx")),
    "entry of nonsense": (
        "unexpected",
        base(XMP, b"H99.42.05.13/E/", b"H99 42 05 13/E/"),
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_file_that_does_not_hold_by_itself_says_why(name):
    reason, make = WRONG[name]
    assert judged(make()) == reason


def test_a_file_of_another_kind_costs_nothing():
    """It does not begin as our copies do, and is refused before it is searched."""
    trust, data = compile_trust(trust_document(ours(), PINS)), b"%PDF-1.4" + sound()
    budget = SearchBudget()
    with pytest.raises(Refused) as refused:
        hold_alone(data, trust, sha256(data).hexdigest(), budget)
    assert refused.value.reason == "header"
    assert budget.left == STEPS


def test_a_sound_copy_holds_but_for_its_digest():
    """The digest is asked last of all that needs no key: everything before it held."""
    assert judged(case(sound())) == "sealed-digest"


def test_an_image_may_be_larger_than_any_other_object() -> None:
    """A page that fills a large sheet of paper travels whole."""
    picture = image("0", size=LARGE)
    page = ManifestPage(width=595.2, height=841.92, images=(picture,))
    assert judged(case(good(manifest=(page,)).write())) == "sealed-digest"


def test_what_nobody_foresaw_is_refused() -> None:
    """An order of a level that does not exist: no other exception leaves the gate."""
    order = good().order.model_copy(update={"level": "B-X"})
    trust = compile_trust(trust_document(ours(), PINS))
    with pytest.raises(Refused) as refused:
        gate(sound(), order, trust, "0" * 64)
    assert refused.value.reason == "unexpected"


def alone_of(made: Case) -> Alone:
    trust, digest = compile_trust(made.trust), sha256(made.data).hexdigest()
    return hold_alone(made.data, trust, digest)


def test_a_copy_says_of_itself_what_a_citizen_is_shown() -> None:
    """Its entry, its number, whose seal it is, and how far it is signed."""
    alone, order = alone_of(case(sound())), good().order
    assert (alone.entry, alone.number) == (order.entry, order.clause.number)
    assert alone.agency == "Seal"
    assert alone.signed_end == ends(sound())[2]


def test_a_seal_without_a_common_name_is_nobodys_by_name() -> None:
    """The certificate is pinned and the copy holds; there is no name to show."""
    nameless = Entity("", ours().issuing)
    country = x509.NameAttribute(NameOID.COUNTRY_NAME, "VN")
    nameless.subject = x509.Name([country])
    pki = members(seal=nameless)
    assert alone_of(case(good(pki).write(), pki)).agency == ""


def test_a_copy_without_an_unsigned_ending_holds_by_itself() -> None:
    """Three revisions are enough: base, officer and seal."""
    signed_end = ends(sound())[2]
    assert alone_of(case(sound()[:signed_end])).signed_end == signed_end
