"""Rows of pixels, in whatever filter: all of the image's, and no byte more."""

import io
import struct
import zlib
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import replace
from functools import cache

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name

from corpus import hostile, odd_images, scans
from corpus.odd_images import SECRET, ascii85, chunk, lzw, rows_pdf, run_length
from corpus.scans import one_image_pdf, png, small
from intake.adapters.rebuild import jpx, lift, photo, whole
from intake.adapters.rebuild import png as chunks
from intake.adapters.rebuild.decode import decoded
from intake.adapters.rebuild.limits import Limits
from intake.adapters.rebuild.pages import UnfitPage
from intake.adapters.rebuild.render import PageRenderer
from intake.domain.scan import ScanFault

LIMITS = Limits()


@cache
def rgb():
    """Writing and grain: as LZW many times as many codes as its table takes."""
    return small().crop((80, 60, 350, 260))


@cache
def grey():
    return rgb().convert("L")


@contextmanager
def image_of(data):
    with pikepdf.open(io.BytesIO(data)) as pdf:
        yield pdf.pages[0].Resources.XObject.Im0


def lifted(data):
    with image_of(data) as image:
        found = lift.lift(image, limits=LIMITS)
    assert found is not None
    return found


def pixels(stream):
    return decoded(replace(stream, shown=None), at_least=1, limits=LIMITS).tobytes()


def bare_lzw(early):
    data = lzw(grey().tobytes(), early=early)
    parms = Dictionary(EarlyChange=early)
    return one_image_pdf(grey(), data, Filter=Name.LZWDecode, DecodeParms=parms)


TAKEN: dict[str, Callable[[], bytes]] = {
    "one byte more": lambda: odd_images.flate_with_more_pdf(image=rgb()),
    "many rows more": lambda: odd_images.flate_with_more_pdf(SECRET * 999, rgb()),
    "behind the deflated data": lambda: odd_images.flate_with_tail_pdf(rgb()),
    "run lengths": lambda: rows_pdf(
        run_length(rgb().tobytes()), rgb(), Name.RunLengthDecode
    ),
    "run lengths without an end": lambda: rows_pdf(
        run_length(rgb().tobytes(), marked=False), rgb(), Name.RunLengthDecode
    ),
    "run lengths with more": lambda: rows_pdf(
        run_length(rgb().tobytes() + SECRET), rgb(), Name.RunLengthDecode
    ),
    "text around run lengths": lambda: rows_pdf(
        ascii85(run_length(rgb().tobytes())),
        rgb(),
        *(Name.ASCII85Decode, Name.RunLengthDecode),
    ),
    "text around deflate": lambda: rows_pdf(
        zlib.compress(rgb().tobytes()).hex().encode() + b">",
        rgb(),
        *(Name.ASCIIHexDecode, Name.FlateDecode),
    ),
}


@pytest.mark.parametrize("name", TAKEN)
def test_whole_rows_are_taken_alone(name):
    """Every pixel, and neither a surplus byte in the rows nor one behind them."""
    stream = lifted(TAKEN[name]())
    assert pixels(stream) == rgb().tobytes()
    inflate = zlib.decompressobj()
    unfolded = inflate.decompress(stream.data)
    assert not inflate.unused_data
    assert SECRET not in stream.data + unfolded


@pytest.mark.parametrize("early", [0, 1])
def test_lzw_is_taken_either_way(early):
    """/EarlyChange 0 and 1: the same grey pixels."""
    assert pixels(lifted(bare_lzw(early))) == grey().tobytes()


SHORT: dict[str, Callable[[], bytes]] = {
    "deflate": hostile.cut_flate_pdf,
    "palette": hostile.cut_palette_pdf,
    "run lengths": lambda: rows_pdf(
        run_length(rgb().tobytes()[:-900]), rgb(), Name.RunLengthDecode
    ),
    "lzw": lambda: rows_pdf(lzw(rgb().tobytes()[:90_000]), rgb(), Name.LZWDecode),
    "text": lambda: rows_pdf(ascii85(rgb().tobytes()[:-1]), rgb(), Name.ASCII85Decode),
}


@pytest.mark.parametrize("name", SHORT)
def test_missing_rows_are_said_to_be_missing(name):
    """By the lifter, and by the judge of what pdfium would draw."""
    with image_of(SHORT[name]()) as image:
        with pytest.raises(UnfitPage) as refused:
            whole.refuse_cut_image(image)
        assert refused.value.fault is ScanFault.TRUNCATED
        if name == "palette":
            return  # such an image is always decoded, never lifted
        with pytest.raises(UnfitPage) as refused:
            lift.lift(image, limits=LIMITS)
        assert refused.value.fault is ScanFault.TRUNCATED


def test_an_unknown_filter_has_its_own_words():
    """Not *damaged*: nothing was looked at."""
    data = rows_pdf(b"x", rgb(), Name("/SomethingDecode"))
    with image_of(data) as image, pytest.raises(UnfitPage) as refused:
        whole.refuse_cut_image(image)
    assert refused.value.fault is ScanFault.UNKNOWN_CODING


@pytest.mark.parametrize("keep", [0.5, 0.9, 0.99])
def test_a_cut_jbig2_is_refused(keep):
    """Its segments say how long they are."""
    with image_of(scans.jbig2_pdf()) as image:
        data = image.read_raw_bytes()
        image.write(data[: int(len(data) * keep)], filter=Name.JBIG2Decode)
        with pytest.raises(UnfitPage) as refused:
            whole.refuse_cut_image(image)
    assert refused.value.fault is ScanFault.TRUNCATED


def test_a_jbig2_whose_symbols_are_missing_is_refused():
    """It refers to a segment that no stream has: its letters would be white."""
    with image_of(scans.jbig2_pdf()) as image:
        data = image.read_raw_bytes()
        at = data.index(struct.pack(">IB", 1, 38))
        needy = data[: at + 5] + b"\x20\x07" + data[at + 6 :]
        image.write(needy, filter=Name.JBIG2Decode)
        with pytest.raises(UnfitPage) as refused:
            whole.refuse_cut_image(image)
    assert refused.value.fault is ScanFault.TRUNCATED


@pytest.mark.parametrize("keep", [0.5, 0.9, 0.99, 0.999])
def test_a_cut_jpeg_2000_is_refused(keep):
    """Wherever it was cut; OpenJPEG would paint the rest."""
    with image_of(scans.jpx_pdf()) as image:
        data = image.read_raw_bytes()
        image.write(data[: int(len(data) * keep)], filter=Name.JPXDecode)
        with pytest.raises(UnfitPage):
            whole.refuse_cut_image(image)


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_a_jpeg_2000_is_decoded_once_where_all_show_the_same(mode, tmp_path):
    """What the judgement has decoded is what pdfium shows of it. Of other colours, or
    samples of other bits, nobody but pdfium says what they are.
    """
    picture = scans.small().resize((100, 140)).convert(mode)
    written = io.BytesIO()
    picture.save(written, "JPEG2000")
    data = written.getvalue()
    with image_of(scans.one_image_pdf(picture, data, Filter=Name.JPXDecode)) as image:
        drawn = PageRenderer(tmp_path / "x", LIMITS).image(image, picture.size)
        assert whole.refuse_cut_image(image).tobytes() == drawn.tobytes()
        image.write(data, filter=Name.JPXDecode)
        image.ColorSpace = Array([Name.CalGray, Dictionary()])
        assert whole.refuse_cut_image(image) is None
    assert jpx._is_plain(data, len(mode))
    colour = data.index(b"colr") + 7
    luma = data[:colour] + b"\0\0\0\x12" + data[colour + 4 :]
    assert not jpx._is_plain(luma, len(mode))
    four_bits = data.replace(b"\x07\x01\x01", b"\x03\x01\x01")
    assert not jpx._is_plain(four_bits, len(mode))


def read_png(data, folder):
    path = folder / "scan.png"
    path.write_bytes(data)
    (page,) = photo.read_png(path, limits=LIMITS)
    return page.pictures[0].stream


def test_a_png_ends_where_its_rows_do(tmp_path):
    """A chunk behind the deflated rows stays behind."""
    stream = read_png(odd_images.stuffed_png(), tmp_path)
    assert stream.data == chunks.parse(png()).rows
    assert pixels(stream) == small().tobytes()


def test_a_colour_that_no_pixel_has_does_not_travel(tmp_path):
    """The palette ends with the last colour that is used."""
    stream = read_png(odd_images.stuffed_palette_png(), tmp_path)
    assert (stream.colour_space, len(stream.palette)) == ("Indexed", 16 * 6)
    assert SECRET.hex() not in stream.palette


def test_a_png_filter_that_does_not_exist_is_damage(tmp_path):
    """Readers disagree on what the row would look like."""
    rows = b"".join(bytes((5 * (y == 7),)) + bytes(30) for y in range(20))
    head = png()[:8] + chunk(b"IHDR", bytes((0, 0, 0, 30, 0, 0, 0, 20, 8, 0, 0, 0, 0)))
    data = head + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    with pytest.raises(UnfitPage) as refused:
        read_png(data, tmp_path)
    assert refused.value.fault is ScanFault.DAMAGED


def test_a_png_with_its_end_is_not_called_cut(tmp_path):
    """A length that is wrong is damage; a file that stops is cut."""
    data = bytearray(png())
    data[33] = 0x7F  # the high byte of the second chunk's length
    for odd, fault in (
        (bytes(data), ScanFault.DAMAGED),
        (png()[:5000], ScanFault.TRUNCATED),
    ):
        with pytest.raises(UnfitPage) as refused:
            read_png(odd, tmp_path)
        assert refused.value.fault is fault
