"""What readers take differently is refused in its own words; what they only stumble
over is taken, and looks like what viewers show. See docs/decisions/0060.
"""

import io

import pypdfium2
import pytest

from corpus import disputed, odd_pdfs
from support.rebuilding import done, rebuilt, refusal
from support.scans import difference, looks

REFUSED = {
    "decode-too-short": (
        lambda: disputed.rows(Decode=odd_pdfs.Array([0, 1])),
        "contradictory",
    ),
    "no-colour-space": (lambda: disputed.rows(ColorSpace=None), "contradictory"),
    "jpeg-without-a-colour-space": (
        lambda: disputed.dct(ColorSpace=None),
        "contradictory",
    ),
    "jpeg-as-a-stencil": (
        lambda: disputed.dct("L", ColorSpace=None, ImageMask=True),
        "contradictory",
    ),
    "nine-bits": (lambda: disputed.rows("L", BitsPerComponent=9), "contradictory"),
    "colours-beyond": (lambda: disputed.palette(11), "contradictory"),
    "jpx-decode": (
        lambda: disputed.jpx(Decode=odd_pdfs.Array([1, 0])),
        "contradictory",
    ),
    "soft-mask-cut": (lambda: disputed.masked("SMask", 0.4), "truncated"),
    "mask-cut": (lambda: disputed.masked("Mask", 0.4), "truncated"),
    "two-frames": (disputed.two_frames, "damaged"),
    "twelve-bits": (disputed.twelve_bits, "unknown-coding"),
    "lost-matrix": (
        lambda: odd_pdfs.scan("q 595 0 0 842 nan 0 cm /Im0 Do Q"),
        "damaged",
    ),
    "title-page-with-a-logo": (lambda: disputed.titled(110), "born-digital"),
}
TAKEN = {
    "more-parameters-than-filters": (disputed.filtered, "lifted"),
    "palette-decode": (lambda: disputed.palette(16, decode=[0, 15]), "lifted"),
    "palette-decode-0-1": (lambda: disputed.palette(16, decode=[0, 1]), "re-encoded"),
    "four-inks": (lambda: disputed.dct("CMYK"), "re-encoded"),
    "four-inks-turned": (
        lambda: disputed.dct("CMYK", Decode=odd_pdfs.Array([1, 0] * 4)),
        "re-encoded",
    ),
    "four-inks-unmarked": (lambda: disputed.dct("CMYK", mark=False), "re-encoded"),
    "four-inks-unmarked-turned": (
        lambda: disputed.dct("CMYK", mark=False, Decode=odd_pdfs.Array([1, 0] * 4)),
        "re-encoded",
    ),
    "soft-mask": (lambda: disputed.masked("SMask", 1), "rendered"),
    "no-such-state": (lambda: odd_pdfs.scan(f"/Gx gs {odd_pdfs.FULL}"), "rendered"),
    "two-signs": (
        lambda: odd_pdfs.scan("q 595 0 0 842 --0 0 cm /Im0 Do Q"),
        "rendered",
    ),
    "junk-behind": (
        lambda: odd_pdfs.scan(odd_pdfs.FULL.encode() + b" \xff\xfe) >> ]"),
        "rendered",
    ),
    "clip-without-a-path": (lambda: odd_pdfs.scan(f"W n {odd_pdfs.FULL}"), "lifted"),
    "content-split-by-a-null": (disputed.split_content, "lifted"),
    "twelve-forms": (lambda: disputed.in_form(12), "lifted"),
    "inline-in-a-bare-form": (lambda: disputed.in_form(inline=True), "rendered"),
    "layer-shown-when-off": (lambda: disputed.membership("off", "AnyOff"), "rendered"),
    "title-page-with-a-card": (lambda: disputed.titled(170), "lifted"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_readers_show_differently_is_refused(name, tmp_path):
    make, fault = REFUSED[name]
    assert refusal(make(), tmp_path) == fault


@pytest.mark.parametrize("name", TAKEN)
def test_what_readers_agree_on_looks_as_they_show_it(name, tmp_path):
    make, way = TAKEN[name]
    data = make()
    found = rebuilt(data, tmp_path)
    assert way in done(found)
    for ours, theirs in zip(looks(found.path), _shown(data), strict=True):
        assert difference(ours, theirs) < 2


def test_the_unread_bytes_of_a_colour_mark_do_not_travel(tmp_path):
    found = rebuilt(disputed.flagged_mark(), tmp_path, "scan.jpg")
    assert b"GEHEIM" not in found.path.read_bytes()


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(disputed.noted_png(b"tEXt", b"a\0b", sum_fits=False), id="sum"),
        pytest.param(
            disputed.noted_png(b"iTXt", b"XML\0\0\0\0\0" + b"x" * 2_000_000), id="long"
        ),
    ],
)
def test_a_note_in_a_png_does_not_spoil_its_picture(data, tmp_path):
    found = rebuilt(data, tmp_path, "scan.png")
    shown = odd_pdfs.picture(size=disputed.SMALL)
    assert difference(looks(found.path)[0], shown) < 1


def _shown(data):
    """The stranger's file itself, as pdfium shows it."""
    document = pypdfium2.PdfDocument(io.BytesIO(data))
    try:
        return [
            page.render(scale=300 / page.get_width()).to_pil().convert("RGB")
            for page in document
        ]
    finally:
        document.close()
