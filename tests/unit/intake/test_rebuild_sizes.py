"""A copy is not larger than its scan without a reason."""

import asyncio
import io
import zlib
from dataclasses import replace

import pikepdf
import pytest
from PIL import Image

from corpus import hard, odd_images, scans
from corpus.scans import bilevel, png, small
from intake.adapters.rebuild import encode, lift, pixels
from intake.adapters.rebuild import png as png_rows
from intake.adapters.rebuild.decode import decoded
from intake.adapters.rebuild.limits import Limits
from intake.domain.scan import SourceFile
from support.prepared import quick_rebuilder
from support.scans import looks, raw_streams

LIMITS = Limits()


async def rebuilt(name, data, folder):
    source, into = folder / name, folder / f"{name}.out"
    source.write_bytes(data)
    into.mkdir()
    return await quick_rebuilder().rebuild(SourceFile(name, source), into=into)


def images_in(path):
    with pikepdf.open(path) as pdf:
        return sum(
            isinstance(thing, pikepdf.Stream) and thing.get("/Subtype") == "/Image"
            for thing in pdf.objects
        )


async def test_equal_images_stand_in_a_file_once(tmp_path):
    """Five pages with one picture: one object, in the part and in the document."""
    part = await rebuilt("same.pdf", odd_images.same_image_pdf(), tmp_path)
    joined = tmp_path / "joined"
    joined.mkdir()
    document = await quick_rebuilder().join([part.leaves] * 2, into=joined)
    assert (images_in(part.path), images_in(document.path)) == (1, 1)
    assert len(document.manifest) == 10
    assert document.size < 1.2 * part.size


@pytest.mark.parametrize("name", ["palette.png", "indexed.pdf", "jbig2.pdf"])
async def test_a_scan_of_few_colours_stays_small(name, tmp_path):
    """Palettes stay palettes, one bit stays one bit."""
    data = await asyncio.to_thread(scans.SCANS[name])
    part = await rebuilt(name, data, tmp_path)
    assert part.size <= 1.5 * len(data)


async def test_a_scan_in_layers_grows_as_little_as_its_letters_allow(
    tmp_path,
):
    """A coarse background under sharp letters: sharp still, at half the bytes of
    quality 95 without chroma subsampling, which was 18 times the scan.
    """
    data = await asyncio.to_thread(hard.layers_pdf)
    part = await rebuilt("layers.pdf", data, tmp_path)
    assert part.pages[0].dpi == 300
    assert part.size < 11 * len(data)


@pytest.mark.parametrize("colours", [2, 3, 16, 17, 200, 256])
def test_few_colours_are_written_as_a_palette(colours):
    """Of as few bits as they need, with every pixel as it was."""
    image = small().quantize(colours).convert("RGB")
    stream = encode.lossless(image)
    bits = next(bits for bits in (1, 2, 4, 8) if colours <= 1 << bits)
    assert (stream.colour_space, stream.bits) == ("Indexed", bits)
    assert len(stream.palette) <= 6 << stream.bits
    assert kept(stream).convert("RGB").tobytes() == image.tobytes()


@pytest.mark.parametrize("mode", ["L", "RGB"])
@pytest.mark.parametrize("size", [(1, 1), (7, 5), (61, 300)])
def test_rows_that_are_coded_anew_keep_every_pixel(mode, size):
    """Noise above, shades below, which other filters suit; more rows than are filtered
    at once; and what the desk shows of them is the same.
    """
    image = Image.effect_noise(size, 90)
    image.paste(Image.linear_gradient("L").resize(size), (0, size[1] // 2))
    image = Image.merge(mode, [image, image.rotate(180), image][: len(mode)])
    stream = png_rows.encode(image)
    assert kept(stream).tobytes() == image.tobytes()
    if size[1] > 5:
        rows = zlib.decompress(stream.data)
        assert set(rows[:: 1 + size[0] * len(mode)]) == {1, 2}


def test_rows_that_are_coded_anew_are_as_few_bytes_as_pillow_writes():
    """Of a scan with its grain, in colour and in grey."""
    for image in (small(), small().convert("L")):
        pillow = io.BytesIO()
        image.save(pillow, "PNG", compress_level=4)
        assert len(png_rows.encode(image).data) < 1.03 * len(pillow.getvalue())


def test_the_desk_shows_what_was_coded_without_decoding_it():
    """At half its size, as the kept bytes would show it; one bit and what is too large
    to be kept in memory are decoded when they are shown.
    """
    image = Image.linear_gradient("L").resize((2300, 2210))
    stream = encode.lossless(image)
    again = kept(stream).reduce(2)
    assert stream.shown.image().tobytes() == again.tobytes()
    assert encode.lossless(bilevel()).shown is None
    assert pixels.of_image(Image.new("L", (6000, 2001))) is None


def kept(stream):
    """What the stream's own bytes decode to."""
    return decoded(replace(stream, shown=None), at_least=stream.width, limits=LIMITS)


def test_one_bit_takes_the_smaller_filter():
    """Text is smaller in Group 4, a halftone in deflate."""
    text = encode.lossless(bilevel())
    halftone = encode.lossless(Image.new("L", (1600, 1600), 90).convert("1"))
    assert (text.filter, halftone.filter) == ("CCITTFaxDecode", "FlateDecode")


def test_grey_in_colour_is_written_as_grey():
    """Three equal channels are one."""
    stream = encode.lossless(small().convert("L").convert("RGB"))
    assert stream.colour_space == "DeviceGray"


async def test_a_palette_png_keeps_its_own_rows(tmp_path):
    """Embedded as it is, with its colours beside it."""
    part = await rebuilt("palette.png", png("P"), tmp_path)
    ((image,),) = (page.images for page in part.manifest)
    with Image.open(io.BytesIO(png("P"))) as opened:
        palette = bytes(opened.getpalette())
    assert part.pages[0].done == "embedded"
    assert palette.hex().startswith(image.palette)


@pytest.mark.parametrize("make", [hard.palette_pdf, hard.grey_palette_pdf])
async def test_a_palette_in_a_pdf_is_lifted(make, tmp_path):
    """The rows stand as they are; only colours that no pixel has are gone."""
    data = await asyncio.to_thread(make, dpi=100)
    part = await rebuilt("palette.pdf", data, tmp_path)
    assert part.pages[0].done == "lifted"
    assert part.manifest[0].images[0].colour_space == "Indexed"
    source = tmp_path / "palette.pdf"
    assert raw_streams(part.path) == raw_streams(source)
    (before,), (after,) = looks(source, width=900), looks(part.path, width=900)
    assert before.tobytes() == after.tobytes()


@pytest.mark.parametrize("bits", [1, 2, 4, 8])
def test_each_depth_of_a_palette_is_lifted(bits):
    """A colour that no pixel has does not travel, and numbers beyond refuse lifting."""
    codes = bytes(range(1 << min(bits, 3))) * 8
    image = Image.frombytes("P", (1 << min(bits, 3), 8), codes)
    row = "".join(f"{code:0{bits}b}" for code in codes[: image.width])
    packed = int(row.ljust(-(-len(row) // 8) * 8, "0"), 2)
    rows = packed.to_bytes(-(-len(row) // 8), "big") * 8
    colours = bytes(range(3 << bits)) if bits < 8 else bytes(768)
    space = pikepdf.Array(
        [pikepdf.Name.Indexed, pikepdf.Name.DeviceRGB, (1 << bits) - 1, colours]
    )
    data = scans.one_image_pdf(
        image,
        zlib.compress(rows),
        Filter=pikepdf.Name.FlateDecode,
        BitsPerComponent=bits,
        ColorSpace=space,
    )
    with pikepdf.open(io.BytesIO(data)) as pdf:
        stream = lift.lift(pdf.pages[0].Resources.XObject.Im0, limits=LIMITS)
    assert stream is not None
    assert (stream.colour_space, stream.bits) == ("Indexed", bits)
    assert len(stream.palette) == 6 << min(bits, 3)
    assert decoded(stream, at_least=1, limits=LIMITS).tobytes() == codes
