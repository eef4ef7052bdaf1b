"""The gate passes every copy that the dialect allows, and says what it has proven."""

import mmap
import random
import re
from collections.abc import Callable
from cProfile import Profile
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from io import BytesIO

import pikepdf
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from chassis.clock import LOCAL
from ecopy.events import ManifestPage
from storage.domain.gate import Passed, Refused, compile_trust, gate
from storage.domain.gate.pdf.shape import parse
from support.forgeries.certificates import HERE, listed_leaf, point, scope_of
from support.forgeries.images import shared
from support.forging.base import FIRST_PAGE, FONT, ICC, INTENT, SPACE, WORDS
from support.forging.copy import PINS, SIGNED_AT, Copy, good
from support.forging.hands import members
from support.forging.order import image, manifest, noise
from support.forging.pki import (
    APPROVED,
    DAY,
    Entity,
    Pki,
    Stamping,
    answer,
    ours,
    revocation_list,
    strangers,
    tlv,
    trust_document,
)
from support.settings import share

SEED = 20261123
EDITS = 3000


def judge(data, made, **changes):
    trust = compile_trust(trust_document(made.pki, PINS))
    ordered = made.order.model_copy(update=changes)
    return gate(data, ordered, trust, sha256(data).hexdigest())


def test_a_good_copy_passes_with_what_was_proven():
    """Digest, size, pages and both token times are the copy's own."""
    made = good()
    data = made.write()
    passed = judge(data, made)
    assert passed == Passed(
        sha256=sha256(data).hexdigest(),
        size=len(data),
        pages=5,
        officer_at=SIGNED_AT + timedelta(seconds=1),
        seal_at=SIGNED_AT + timedelta(seconds=1),
        tsa_name="TSA",
    )


def test_a_copy_is_judged_in_a_mapped_file(tmp_path):
    """A large file need not be read into memory, and can be closed afterwards."""
    made = good()
    path = tmp_path / "copy.pdf"
    path.write_bytes(made.write())
    with (
        path.open("rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped,
    ):
        assert judge(mapped, made).size == path.stat().st_size


def _stamps(made, **facts):
    for signing in (made.officer, made.seal):
        assert signing.stamping is not None
        signing.stamping = replace(signing.stamping, **facts)


def _deeper():
    """An officer and a seal under two intermediates."""
    pki = Pki()
    middle = Entity("Middle", pki.root, ca=True)
    pki.issuing = Entity("Issuing", middle, ca=True)
    pki.officer = Entity("Officer", pki.issuing)
    pki.seal = Entity("Seal", pki.issuing, rsa_bits=2048)
    pki.responder = Entity(
        "OCSP",
        pki.issuing,
        usage=pki.responder.usage,
        extra=[x509.OCSPNoCheck()],
    )
    return pki


def _listed_leaf(made):
    """No answer for the officer: his authority's list instead."""
    assert made.storing is not None
    del made.storing.answers[0]
    made.storing.lists.append(revocation_list(made.pki.issuing))


def _by_issuers(made):
    """The authorities answer themselves; no responder in the store."""
    pki, storing = made.pki, made.storing
    assert storing is not None
    storing.answers[:] = [answer(e) for e in (pki.officer, pki.tsa, pki.seal)]
    storing.certificates[-2:] = []


def _authority_answered(made):
    """An answer for the issuing authority instead of its root's list."""
    assert made.storing is not None
    made.storing.lists.clear()
    made.storing.answers.append(answer(made.pki.issuing))


def _full_extensions(made):
    """Accuracy, nonce, name and a harmless extension in the token."""
    extension = tlv(0x30, tlv(6, b"\x2a\x03"), tlv(4, b"\x05\x00"))
    _stamps(
        made,
        tail=tlv(0x30, tlv(2, b"\x01"))
        + tlv(2, b"\x07")
        + tlv(0xA0, tlv(0xA4, tlv(0x30)))
        + tlv(0xA1, extension),
    )


KINDS: dict[str, Callable[[Copy], object]] = {
    "token SHA-384": lambda c: _stamps(c, digest="sha384"),
    "token SHA-512": lambda c: _stamps(c, digest="sha512"),
    "token ESS v1": lambda c: _stamps(c, essential="v1"),
    "token ESS v2 SHA-512": lambda c: _stamps(c, essential="v2-sha512"),
    "token with a fraction": lambda c: _stamps(c, fraction=".123"),
    "token with its chain": lambda c: _stamps(c, certificates=(c.pki.tsa_root,)),
    "token with all fields": _full_extensions,
    "leaf by list": _listed_leaf,
    "issuers answer": _by_issuers,
    "authority answered": _authority_answered,
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_allowed_kind_passes(kind):
    """What the dialect leaves to authorities is left to them."""
    made = good()
    KINDS[kind](made)
    assert judge(made.write(), made).pages == 5


@pytest.mark.parametrize(
    "scope",
    [{"only_contains_user_certs": True}, {"full_name": point(HERE)}],
    ids=["of people", "of his point"],
)
def test_a_list_that_takes_the_officer_in_passes(scope):
    """No answer for him: his authority's list, of people or of his point."""
    made = listed_leaf(scope_of(**scope))
    assert judge(made.write(), made).pages == 5


@pytest.mark.parametrize(
    "facts", [{"curve": ec.SECP384R1()}, {"rsa_bits": 3072}], ids=["P-384", "RSA-3072"]
)
def test_an_officer_of_each_kind_of_key_passes(facts):
    made = good(members(officer=Entity("Officer", ours().issuing, **facts)))
    assert judge(made.write(), made).pages == 5


@pytest.mark.parametrize("after", [-timedelta(minutes=5), timedelta(hours=72)])
def test_the_hours_of_an_approval_end_at_their_bounds(after):
    """Five minutes before it and 72 hours behind it are still of it, to the second."""
    made, at = good(), APPROVED + after
    for signing in (made.officer, made.seal):
        signing.at, signing.stamping = at, Stamping(made.pki.tsa, at)
    assert made.storing is not None
    pki, when = made.pki, {"this": at - timedelta(hours=1), "until": at}
    made.storing.answers[:] = [
        answer(pki.officer, responder=pki.responder, **when),
        answer(pki.tsa, responder=pki.tsa_responder, **when),
        answer(pki.seal, responder=pki.responder, **when),
    ]
    assert judge(made.write(), made).officer_at == at


@pytest.mark.parametrize("skew", [timedelta(minutes=5), -timedelta(minutes=5)])
def test_a_stamp_may_be_five_minutes_from_the_shown_time(skew):
    made = good()
    _stamps(made, at=SIGNED_AT + skew)
    assert judge(made.write(), made).officer_at == SIGNED_AT + skew


@pytest.mark.parametrize("early", [timedelta(hours=24), -timedelta(hours=24)])
def test_an_answer_counts_for_a_day(early):
    """Around the moment of its use, to the second and in both directions."""
    made = good()
    assert made.storing is not None
    moment = SIGNED_AT + timedelta(seconds=1)
    facts = {"this": moment - early, "until": None}
    made.storing.answers[0] = answer(
        made.pki.officer, responder=made.pki.responder, **facts
    )
    assert judge(made.write(), made).pages == 5


def test_chains_of_any_depth_pass():
    """Two intermediates, an ECDSA officer, an RSA seal."""
    pki = _deeper()
    made = good(pki)
    middle = pki.issuing.issuer
    assert middle is not None
    made.officer.chain = made.seal.chain = [pki.issuing, middle]
    assert made.storing is not None
    made.storing.certificates.append(middle.der)
    made.storing.lists.append(revocation_list(middle))
    document = trust_document(pki, PINS)
    longer = document.signers[0].model_copy(
        update={"certificates": (pki.issuing.pem, middle.pem, pki.root.pem)}
    )
    trust = compile_trust(document.model_copy(update={"signers": (longer,)}))
    data = made.write()
    passed = gate(data, made.order, trust, sha256(data).hexdigest())
    assert passed.officer_at == passed.seal_at


@pytest.mark.parametrize("ending", ["valid_from", "valid_until"])
def test_a_chain_counts_in_its_period_only(ending):
    """A stamp outside the pinned period is refused, whatever the certificates say."""
    made = good()
    document = trust_document(made.pki, PINS)
    moment = APPROVED + DAY if ending == "valid_from" else APPROVED
    chain = document.signers[0].model_copy(update={ending: moment})
    trust = compile_trust(document.model_copy(update={"signers": (chain,)}))
    data = made.write()
    with pytest.raises(Refused) as refused:
        gate(data, made.order, trust, sha256(data).hexdigest())
    assert refused.value.reason == "chain-period"


def test_equal_images_may_share_an_object():
    """Two places, one stream: qpdf may write it once."""
    first = manifest()[0]
    pages = (first, first)
    made = good(manifest=pages)
    made.objects = {
        n: text.replace(b"/Im0 25 0 R", b"/Im0 21 0 R")
        for n, text in made.objects.items()
        if n != 25
    }
    assert judge(made.write(), made).pages == 3


def test_palettes_and_mirrored_pictures_pass():
    """Pages that share an indexed image, mirrored on one, and a skewed one."""
    made = shared()
    assert judge(made.write(), made).pages == 4


@pytest.mark.parametrize(
    ("bits", "colours"), [(1, 1), (1, 2), (2, 3), (4, 16), (8, 17), (8, 256)]
)
def test_a_palette_of_every_depth_passes(bits, colours):
    palette = noise("palette", 3 * colours).hex()
    made = shared(bits=bits, palette=palette)
    assert judge(made.write(), made).pages == 4


@pytest.mark.parametrize(
    "change",
    [
        {"palette": ""},
        {"palette": "98190"},
        {"palette": "98190F"},
        {"palette": "00" * 3 * 5},
        {"filter": "DCTDecode"},
        {"inverted": True},
    ],
    ids=str,
)
def test_an_order_of_an_impossible_palette_is_refused(
    change,
):
    """No colours, half a colour, capitals, more than two bits can name, or under a
    filter or /Decode that the dialect does not give it: whatever the file says.
    """
    made = shared(**change)
    with pytest.raises(Refused) as refused:
        judge(made.write(), made)
    assert refused.value.reason == "palette"


def test_two_hundred_equal_pages_are_judged_at_the_price_of_one_picture():
    """The picture's digest is computed once, not for each page that draws it: in all of
    the judgement fewer digests are begun than there are pages.
    """
    picture = image("0", size=1 << 19)
    page = ManifestPage(width=595.2, height=841.92, images=(picture,))
    made = good(manifest=(page,) * 200)
    for number in range(FIRST_PAGE + 4, FIRST_PAGE + 800, 4):
        own, first = (b"/Im0 %d 0 R" % (n + 3) for n in (number, FIRST_PAGE))
        del made.objects[number + 3]
        made.objects[number] = made.objects[number].replace(own, first)
    data, calls = made.write(), Profile()
    assert calls.runcall(judge, data, made).pages == 201
    # Counted, since seconds depend on what else the machine does: 29 when written.
    digests = sum(e.callcount for e in calls.getstats() if "sha256>" in str(e.code))
    assert 10 < digests < 100


def test_another_digest_than_the_sealed_one_is_refused():
    """No signature covers the last revision: the sealed digest does."""
    made = good()
    trust = compile_trust(trust_document(made.pki, PINS))
    with pytest.raises(Refused) as refused:
        gate(made.write(), made.order, trust, "0" * 64)
    assert refused.value.reason == "sealed-digest"


def test_a_reader_of_pdf_sees_the_same_objects():
    """qpdf, an independent reader, finds the gate's objects and no others."""
    data = good().write()
    view = {n: o for revision in parse(data) for n, o in revision.objects.items()}
    with pikepdf.open(BytesIO(data)) as pdf:
        assert not pdf.get_warnings()
        assert {o.objgen[0] for o in pdf.objects} - {0} == view.keys()
        for number, obj in view.items():
            seen = pdf.get_object(number, 0)
            if obj.stream is not None:
                assert seen.read_raw_bytes() == obj.body()
            if isinstance(obj.value, dict):
                assert set(seen.keys()) == {key.decode() for key in obj.value}


@pytest.mark.drawn
def test_random_edits_never_pass_and_never_raise_otherwise():
    """3,000 edits by a seeded hand; the free half of the last /ID is left out."""
    made, chance = good(), random.Random(SEED)
    data, trust = made.write(), compile_trust(trust_document(made.pki, PINS))
    end = data.rindex(b"]>>\nstartxref") - 1
    for _ in range(share(EDITS)):
        edited = _edited(data, chance)
        same_size = len(edited) == len(data)
        if same_size and edited[: end - 32] + edited[end:] == (
            data[: end - 32] + data[end:]
        ):
            continue  # nothing, or the free half of the last /ID
        with pytest.raises(Refused) as refused:
            gate(edited, made.order, trust, sha256(edited).hexdigest())
        assert refused.value.reason != "unexpected", refused.value.detail


def _edited(data, chance):
    """A byte changed, dropped, doubled, or a piece moved; half of them in the text."""
    at = chance.randrange(len(data))
    if chance.random() < 0.5:
        at = max(0, data.rfind(b"obj", 0, at) + chance.randrange(-30, 120))
        at = min(at, len(data) - 1)
    size = chance.choice((1, 1, 1, 2, 20))
    match chance.randrange(5):
        case 0:
            return data[:at] + data[at + size :]
        case 1:
            return data[:at] + data[at : at + size] + data[at:]
        case 2:
            return data[:at] + chance.randbytes(size) + data[at + size :]
        case 3:
            other = chance.randrange(len(data))
            return data[:at] + data[other : other + size] + data[at + size :]
    return data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1 :]


TOKEN = re.compile(rb"/\w+|\d+ 0 R|-?\d+(?:\.\d+)?|\([^)]*\)|true|\[ | \]")
POOL = (
    b"/F|/Type|/Im0|21 0 R|1 0 R|99 0 R|0|-1|3.5|(x)|<00>|true|null|[ ]|[ 1 2 ]|<< >>"
)
FREE = {WORDS, ICC, INTENT, *range(FONT, SPACE + 1)}
"""What the gate does not read: words, profiles, fonts."""


@pytest.mark.drawn
def test_a_base_bent_at_random_and_signed_is_refused_by_name():
    """600 faults of a signer: another token in one object; no other exception."""
    chance, pool = random.Random(SEED), POOL.split(b"|")
    trust = compile_trust(trust_document(ours(), PINS))
    passed = set[int]()
    for _ in range(share(600)):
        made = good()
        number = chance.choice(list(made.objects))
        head, stream, body = made.objects[number].partition(b"stream\n")
        found = chance.choice(list(TOKEN.finditer(head)))
        bent = head[: found.start()] + chance.choice(pool) + head[found.end() :]
        if bent == head:
            continue
        made.objects[number] = bent + stream + body
        data = made.write()
        try:
            gate(data, made.order, trust, sha256(data).hexdigest())
            passed.add(number)
        except Refused as refused:
            if refused.reason == "unexpected":
                pytest.fail(f"{number}: {refused.detail} in {bent!r}")
    assert passed <= FREE


def test_a_trust_document_that_cannot_be_used_is_refused_at_start():
    """Each fault of it has a sentence; nothing starts with a broken anchor."""
    document = trust_document(ours(), PINS)
    chain, officer = document.signers[0], document.identities[0]
    broken = {
        "no chain": {"certificates": (ours().issuing.pem, strangers().root.pem)},
        "is empty": {"certificates": ()},
        "no CA": {"certificates": (ours().officer.pem, *chain.certificates)},
        "cannot be read": {"certificates": ("rubbish",)},
        "before it begins": {"valid_until": chain.valid_from},
    }
    for words, change in broken.items():
        bad = chain.model_copy(update=change)
        with pytest.raises(ValueError, match=words):
            compile_trust(document.model_copy(update={"signers": (bad,)}))
    other = officer.model_copy(update={"certificate": strangers().officer.pem})
    for identities, words in (((other,), "not the one"), ((officer, officer), "share")):
        with pytest.raises(ValueError, match=words):
            compile_trust(document.model_copy(update={"identities": identities}))


@pytest.mark.parametrize("role", ["officer", "seal"])
@pytest.mark.parametrize("ending", ["valid_from", "valid_until"])
def test_an_order_names_versions_of_its_day(role, ending):
    """A version that had ended or not begun when the copy was approved is refused, and
    nothing else of the copy is looked at.
    """
    made = good()
    document = trust_document(made.pki, PINS)
    approved = made.order.approved_at.astimezone(LOCAL).date()
    off = approved + DAY if ending == "valid_from" else approved
    pins = [
        pin.model_copy(update={ending: off}) if pin.role == role else pin
        for pin in document.identities
    ]
    trust = compile_trust(document.model_copy(update={"identities": tuple(pins)}))
    with pytest.raises(Refused) as refused:
        gate(b"", made.order, trust, "")
    assert refused.value.reason == "identity-not-in-force"


def test_a_copy_whose_seal_nobody_released_is_refused():
    """Whatever has sealed it: the order says that it waits, and nothing of the file is
    looked at. Released, it is judged.
    """
    made = good()
    data = made.write()
    with pytest.raises(Refused) as refused:
        judge(data, made, release="manual")
    assert refused.value.reason == "seal-not-released"
    released = {"release": "manual", "released_at": made.order.approved_at}
    assert judge(data, made, **released).pages == 5
