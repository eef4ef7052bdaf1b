"""Fax pages are judged by decoding each row, and go out as one canonical Group 4."""

import io
from collections.abc import Callable

import pikepdf
import pytest
from PIL import Image

from corpus import odd_images
from corpus.odd_images import SECRET, fax, fax_pdf, group3
from corpus.scans import bilevel, group4
from intake.adapters.rebuild import ccitt, lift
from intake.adapters.rebuild.decode import decoded
from intake.adapters.rebuild.limits import Limits
from intake.adapters.rebuild.pages import UnfitPage
from intake.domain.scan import ScanFault

LIMITS = Limits()
EOL = "000000000001"
WIDE = (3000, 60)


def lifted(data, image, **parms):
    with pikepdf.open(io.BytesIO(fax_pdf(data, image, **parms))) as pdf:
        found = lift.lift(pdf.pages[0].Resources.XObject.Im0, limits=LIMITS)
    assert found is not None
    return found


def pixels(stream):
    return decoded(stream, at_least=1, limits=LIMITS).tobytes()


def page():
    """Lines of writing: Python codes the bits, so not the whole page."""
    return bilevel().crop((60, 60, 660, 460))


def wide():
    """Long white runs, whose codes begin with many zeros, and busy rows."""
    image = Image.new("1", WIDE, 255)
    image.paste(bilevel().crop((100, 100, 500, 130)), (2400, 20))
    image.paste(0, (0, 50, 3000, 52))
    return image


LAWFUL: dict[str, tuple[Callable[[Image.Image], bytes], dict[str, object]]] = {
    "group 4": (group4, {}),
    "group 4 without its end": (lambda i: group4(i)[:-3], {}),
    "horizontal mode alone": (lambda i: fax(i, odd_images.horizontal_line), {}),
    "uncompressed mode": (lambda i: fax(i, odd_images.uncompressed_line), {}),
    "aligned group 4": (
        lambda i: fax(i, odd_images.horizontal_line, aligned=True),
        {"EncodedByteAlign": True},
    ),
    "group 3": (group3, {"K": 0}),
    "group 3 with filled marks": (lambda i: group3(i, 4), {"K": 0, "EndOfLine": True}),
    "group 3 in two dimensions": (lambda i: group3(i, 1), {"K": 4}),
    "both": (lambda i: group3(i, 5), {"K": 4, "EndOfLine": True}),
    "runs without a mark": (lambda i: fax(i, odd_images.flat_line), {"K": 0}),
    "aligned runs": (
        lambda i: fax(i, odd_images.flat_line, aligned=True),
        {"K": 0, "EncodedByteAlign": True},
    ),
    "aligned runs with marks": (
        lambda i: fax(i, odd_images.flat_line, aligned=True, before="0000" + EOL),
        {"K": 0, "EncodedByteAlign": True, "EndOfLine": True},
    ),
    "runs with a return to control": (
        lambda i: fax(i, odd_images.flat_line, before=EOL, end=EOL * 6),
        {"K": 0, "EndOfLine": True},
    ),
    "fewer rows said": (group4, {"Rows": 10}),
    "more rows said": (group4, {"Rows": 9000, "EndOfBlock": False}),
    "no rows said": (group4, {"Rows": 0}),
}


@pytest.mark.parametrize("make", [page, wide])
@pytest.mark.parametrize("name", LAWFUL)
def test_whatever_is_lawful_keeps_each_pixel(name, make):
    """Any way of T.4 and T.6, any /Rows: the same picture, as Group 4."""
    image = make()
    encode, parms = LAWFUL[name]
    stream = lifted(encode(image), image, **parms)
    assert pixels(stream) == image.tobytes()
    assert (stream.filter, stream.data) == ("CCITTFaxDecode", group4(image))


@pytest.mark.parametrize("name", [name for name in LAWFUL if "without" not in name])
@pytest.mark.parametrize("filling", [b"", bytes(5000)], ids=["cut", "zeros behind"])
def test_missing_rows_are_never_painted(name, filling):
    """Cut in half, closed with zeros or not: refused as cut, whatever /Rows says."""
    image = page()
    encode, parms = LAWFUL[name]
    data = encode(image)
    with pytest.raises(UnfitPage) as refused:
        lifted(data[: len(data) // 2] + filling, image, **parms)
    assert refused.value.fault is ScanFault.TRUNCATED


@pytest.mark.parametrize("k", [-1, 0, 4])
def test_an_early_end_mark_is_a_cut(k):
    """Half of the rows, lawfully ended: the other half is missing."""
    image = page()
    half = image.crop((0, 0, image.width, image.height // 2))
    data = group4(half) if k < 0 else group3(half, 1 if k else 0) + b"\0\x10\x01" * 6
    with pytest.raises(UnfitPage) as refused:
        lifted(data, image, K=k)
    assert refused.value.fault is ScanFault.TRUNCATED


def test_a_code_that_does_not_exist_is_damage():
    """In the middle, with rows behind it: nothing is guessed."""
    image = page()
    data = bytearray(group3(image))
    data[len(data) // 2 : len(data) // 2 + 4] = b"\0\0\x0f\xff"
    with pytest.raises(UnfitPage) as refused:
        lifted(bytes(data), image, K=0)
    assert refused.value.fault in (ScanFault.DAMAGED, ScanFault.TRUNCATED)


@pytest.mark.parametrize("black", [False, True])
@pytest.mark.parametrize("k", [-1, 0])
def test_polarity_stays(k, black):
    """/BlackIs1 turns the picture round, in every coding."""
    image = page()
    data = group4(image) if k < 0 else group3(image)
    stream = lifted(data, image, K=k, BlackIs1=black)
    shown = image.point(lambda v: 255 - v) if black else image
    assert pixels(stream) == shown.tobytes()


def test_nothing_stands_behind_the_end_mark():
    """The stream ends where T.6 ends it."""
    stream = lifted(group4(bilevel()) + SECRET, bilevel())
    assert stream.data == group4(bilevel())


def test_the_work_is_bounded():
    """A row of no pixels costs a code like any other; the codes are counted."""
    rows = ccitt.rows(bytes(10), ccitt.Coding(0, 1728, aligned=False), 10)
    with pytest.raises(UnfitPage):
        list(rows)
