"""A copy is not larger than its scan without a reason."""

import asyncio
import io
from pathlib import Path

import pikepdf
import pytest
from PIL import Image

from corpus import odd_images, scans
from corpus.scans import bilevel, png, small
from intake.adapters.rebuild import encode
from intake.adapters.rebuild.decode import decoded
from intake.adapters.rebuild.limits import Limits
from intake.adapters.rebuild.process import SandboxedRebuilder
from intake.domain.scan import RebuiltFile, SourceFile

LIMITS = Limits()


async def rebuilt(name: str, data: bytes, folder: Path) -> RebuiltFile:
    source, into = folder / name, folder / f"{name}.out"
    source.write_bytes(data)
    into.mkdir()
    return await SandboxedRebuilder().rebuild(SourceFile(name, source), into=into)


def images_in(path: Path) -> int:
    with pikepdf.open(path) as pdf:
        return sum(
            isinstance(thing, pikepdf.Stream) and thing.get("/Subtype") == "/Image"
            for thing in pdf.objects
        )


async def test_equal_images_stand_in_a_file_once(tmp_path: Path) -> None:
    """Five pages with one picture: one object, in the part and in the document."""
    part = await rebuilt("same.pdf", odd_images.same_image_pdf(), tmp_path)
    joined = tmp_path / "joined"
    joined.mkdir()
    document = await SandboxedRebuilder().join([part, part], into=joined)
    assert (images_in(part.path), images_in(document.path)) == (1, 1)
    assert len(document.manifest) == 10
    assert document.size < 1.2 * part.size


@pytest.mark.parametrize("name", ["palette.png", "indexed.pdf", "jbig2.pdf"])
async def test_a_scan_of_few_colours_stays_small(name: str, tmp_path: Path) -> None:
    """Palettes stay palettes, one bit stays one bit."""
    data = await asyncio.to_thread(scans.SCANS[name])
    part = await rebuilt(name, data, tmp_path)
    assert part.size <= 1.5 * len(data)


@pytest.mark.parametrize("colours", [2, 3, 16, 17, 200, 256])
def test_few_colours_are_written_as_a_palette(colours: int) -> None:
    """Of as few bits as they need, with every pixel as it was."""
    image = small().quantize(colours).convert("RGB")
    stream = encode.lossless(image)
    bits = next(bits for bits in (1, 2, 4, 8) if colours <= 1 << bits)
    assert (stream.colour_space, stream.bits) == ("Indexed", bits)
    assert len(stream.palette) <= 6 << stream.bits
    shown = decoded(stream, at_least=1, limits=LIMITS).convert("RGB")
    assert shown.tobytes() == image.tobytes()


def test_one_bit_takes_the_smaller_filter() -> None:
    """Text is smaller in Group 4, a halftone in deflate."""
    text = encode.lossless(bilevel())
    halftone = encode.lossless(Image.new("L", (1600, 1600), 90).convert("1"))
    assert (text.filter, halftone.filter) == ("CCITTFaxDecode", "FlateDecode")


def test_grey_in_colour_is_written_as_grey() -> None:
    """Three equal channels are one."""
    stream = encode.lossless(small().convert("L").convert("RGB"))
    assert stream.colour_space == "DeviceGray"


async def test_a_palette_png_keeps_its_own_rows(tmp_path: Path) -> None:
    """Embedded as it is, with its colours beside it."""
    part = await rebuilt("palette.png", png("P"), tmp_path)
    ((image,),) = (page.images for page in part.manifest)
    with Image.open(io.BytesIO(png("P"))) as opened:
        palette = bytes(opened.getpalette())
    assert part.pages[0].done == "embedded"
    assert palette.hex().startswith(image.palette)
