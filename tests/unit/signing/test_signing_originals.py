"""A normalised original is read exactly as it was approved: each way to differ."""

import io
from collections.abc import Callable

import pikepdf
import pytest
from cryptography.hazmat.primitives import hashes

from chassis.clock import utc_now
from ecopy.refusals import Reason, Refusal
from ecopy.trust import PinnedChain
from signing.adapters.cms import certificate_chains
from signing.adapters.composer import compose
from signing.domain.copies import OrderedOriginal
from signing.domain.rope import MemoryOctets
from support import build
from support.forging.pki import APPROVED, DAY, Entity, ours, strangers
from support.originals import full_page, jpeg, original_of

ORIGINAL, MANIFEST = original_of([full_page(jpeg(1)), full_page(jpeg(2), 90)])


def composed(content, manifest=MANIFEST):
    order = build.ordered(manifest=manifest)
    compose(
        OrderedOriginal(MemoryOctets(content), order.original.sha256), order, utc_now()
    )


def edited(change):
    """Written anew by qpdf, the second page changed."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(ORIGINAL)) as pdf:
        change(pdf.pages[1])
        pdf.save(out)
    return out.getvalue()


def ordered(**changes):
    """The second page's image approved otherwise."""
    first, second = MANIFEST
    (image,) = second.images
    other = image.model_copy(update=changes)
    return first, second.model_copy(update={"images": (other,)})


def without(key):
    return lambda page: page.obj.__delitem__(key)


def drawing(text):
    def change(page):
        old = page.obj.Contents.read_bytes()
        page.obj.Contents.write(old.replace(b"/Im0 Do", text))

    return change


def image_key(key, value):
    return lambda page: page.obj.Resources.XObject["/Im0"].__setitem__(key, value)


def other_bytes(page):
    """As many bytes, one of them another."""
    image = page.obj.Resources.XObject["/Im0"]
    content = bytearray(image.read_raw_bytes())
    content[len(content) // 2] ^= 1
    image.write(bytes(content), filter=pikepdf.Name.DCTDecode)


CHANGED: dict[str, Callable[[pikepdf.Page], object]] = {
    "no box": without("/MediaBox"),
    "no contents": without("/Contents"),
    "no resources": without("/Resources"),
    "an image that is not there": drawing(b"/Im9 Do"),
    "no image": drawing(b"/Im0 Do\nQ\nq\n1 0 0 1 0 0 cm"),
    "a state left open": drawing(b"/Im0 Do\nQ\nq"),
    "another operator": drawing(b"/Im0 gs"),
    "a decoding that nobody ordered": image_key("/Decode", pikepdf.Array([0, 1])),
    "another byte": other_bytes,
    "another box": lambda page: page.obj.__setitem__("/MediaBox", [0, 0, 595, 841]),
    "a box that begins elsewhere": lambda page: page.obj.__setitem__(
        "/MediaBox", [1, 0, 596.2, 841.92]
    ),
    "turned over": lambda page: page.obj.__setitem__("/Rotate", 270),
    "an image in another colour": image_key("/ColorSpace", pikepdf.Name.DeviceGray),
}


@pytest.mark.parametrize("what", CHANGED)
def test_an_original_that_differs_is_refused(what):
    with pytest.raises(Refusal) as refused:
        composed(edited(CHANGED[what]))
    assert refused.value.reason is Reason.ORIGINAL_MISMATCH
    assert refused.value.detail.startswith("trang 2: ")


@pytest.mark.parametrize(
    "changes",
    [
        {"decode_parms": {"Colours": 3}},
        {"size": MANIFEST[1].images[0].size + 1},
        {"sha256": "0" * 64},
        {"palette": "ffffff"},
        {"placement": (595.2, 0, 0, 841.92, 0, 0.002)},
        {"inverted": True},
        {"width": MANIFEST[1].images[0].width + 1},
    ],
    ids=str,
)
def test_an_image_approved_otherwise_is_refused(changes):
    with pytest.raises(Refusal) as refused:
        composed(ORIGINAL, ordered(**changes))
    assert refused.value.reason is Reason.ORIGINAL_MISMATCH


def test_a_place_is_compared_to_a_thousandth_of_a_point():
    """Within it the copy has the place that was approved."""
    composed(ORIGINAL, ordered(placement=(595.2, 0, 0, 841.92, 0, 0.0009)))


def test_a_stream_that_is_not_of_our_hand_is_refused():
    """qpdf reads it alike; where its bytes lie we do not know."""
    changed = ORIGINAL.replace(b"<< /BitsPerComponent", b"<</BitsPerComponent ")
    assert changed != ORIGINAL
    with pytest.raises(Refusal) as refused:
        composed(changed)
    assert refused.value.reason is Reason.ORIGINAL_MISMATCH


def test_an_original_written_anew_is_taken():
    """What the tests above bend is whole without the bending."""
    composed(edited(lambda _page: None))


def pinned(*authorities):
    return PinnedChain(
        name="x",
        certificates=tuple(one.pem for one in authorities),
        valid_from=APPROVED - DAY,
        valid_until=APPROVED + DAY,
    )


@pytest.mark.parametrize(
    ("chain", "words"),
    [
        (pinned(), "is empty"),
        (pinned(ours().issuing), "breaks"),
        (pinned(ours().issuing, strangers().root), "breaks"),
        (pinned(ours().root, ours().issuing), "breaks"),
        (pinned(ours().officer, *ours().chain), "breaks"),
        (
            pinned(
                Entity("Weak", ours().root, ca=True, digest=hashes.SHA224()),
                ours().root,
            ),
            "SHA-1",
        ),
    ],
    ids=["empty", "no root", "a stranger's root", "upside down", "no CA", "weak"],
)
def test_a_chain_that_is_none_stops_the_start(chain, words):
    with pytest.raises(ValueError, match=words):
        certificate_chains.parsed((chain,))


def test_a_chain_holds_from_its_first_moment_to_its_last():
    """The pinned period, the authorities' own and the leaf's: all of them."""
    (chain,) = certificate_chains.parsed((pinned(*ours().chain),))
    leaf = ours().officer.certificate
    held = [
        chain.holds(leaf, at)
        for at in (
            APPROVED - DAY - DAY / 24,
            APPROVED - DAY,
            APPROVED,
            APPROVED + DAY,
        )
    ]
    assert held == [False, True, True, False]
    late = Entity("Late", ours().issuing, start=APPROVED + DAY / 2)
    assert not chain.holds(late.certificate, APPROVED)
    assert chain.holds(late.certificate, APPROVED + DAY / 2)
    assert not chain.holds(strangers().officer.certificate, APPROVED)
    expired = Entity("Issuing", ours().root, ca=True, end=APPROVED - DAY / 2)
    (old,) = certificate_chains.parsed((pinned(expired, ours().root),))
    under = Entity("Under", expired)
    assert not old.holds(under.certificate, APPROVED)
