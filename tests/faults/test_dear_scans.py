"""Scans at the bounds of pixels, operators and time: each costs the processor seconds,
which is why they are here and their smaller neighbours in ``tests/unit/intake``.
"""

import asyncio
import sys
from pathlib import Path

import pytest
from PIL import Image

from corpus import hostile, odd_pdfs
from corpus.odd_images import coded
from corpus.odd_pdfs import LINE, scan
from intake.adapters.rebuild.limits import MIB, Limits
from intake.domain.scan import ScanFault, ScanRefused, SourceFile
from support.prepared import prepared_rebuilder
from support.rebuilding import rebuilt
from support.waiting import LONG_SECONDS

ROOTS = [str(Path(__file__).parents[2] / name) for name in ("libs", "services")]


def test_a_page_that_unfolds_without_end_is_too_much(tmp_path):
    """A gigabyte of operators in a megabyte: time or memory ends it, not the desk."""
    rebuilder = prepared_rebuilder(
        Limits(cpu_seconds=2, wall_seconds=LONG_SECONDS, address_space_bytes=512 * MIB)
    )
    with pytest.raises(ScanRefused) as refused:
        rebuilt(hostile.inflating_pdf(1 << 28), tmp_path, rebuilder=rebuilder)
    assert refused.value.fault is ScanFault.TOO_MUCH_WORK


async def test_processor_time_is_bounded(tmp_path):
    """A loop dies by the kernel's hand after its seconds of work."""
    script = (
        f"import pathlib, sys; sys.path[:0] = {ROOTS}\n"
        "from chassis.sandbox import confine\n"
        "from intake.adapters.rebuild.limits import Limits\n"
        "confine(Limits(cpu_seconds=1).bounds, "
        "readable=[pathlib.Path('/dev')], writable=pathlib.Path('.'))\n"
        "while True: pass\n"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, cwd=tmp_path
    )
    assert await process.wait() < 0


def _large(size, **options):
    texture = Image.effect_noise((500, 500), 40).convert("RGB")
    return coded(texture.resize(size, Image.Resampling.NEAREST), **options)


@pytest.mark.parametrize(
    "size", [(4960, 7016), (6000, 4000), (8000, 6250)], ids=["A4 600", "24 MP", "50 MP"]
)
async def test_large_colour_photographs_are_taken(size, tmp_path):
    """Above 17.9 megapixels, where the tool that judged before stopped: not a byte of
    the stream is touched, in the real walled process.
    """
    source, into = tmp_path / "large.jpg", tmp_path / "out"
    source.write_bytes(_large(size))
    into.mkdir()
    found = await prepared_rebuilder().rebuild(
        SourceFile("large.jpg", source), into=into
    )
    (image,) = found.manifest[0].images
    assert (image.width, image.height) == size
    assert image.size == source.stat().st_size
    assert found.pages[0].done == "embedded"


async def test_above_the_limit_it_is_too_many_pixels(tmp_path):
    """151 megapixels of white: refused by what it is, not as cut."""
    source, into = tmp_path / "huge.jpg", tmp_path / "out"
    Image.new("RGB", (12_100, 12_500), "white").save(source, "JPEG", quality=30)
    into.mkdir()
    with pytest.raises(ScanRefused) as refused:
        await prepared_rebuilder().rebuild(SourceFile("huge.jpg", source), into=into)
    assert refused.value.fault is ScanFault.TOO_MANY_PIXELS


def test_a_sharp_page_gets_fewer_dots_and_not_less_than_300(tmp_path):
    """A2 with an image of 600 dpi in it: between 300 and 600."""
    sharp = odd_pdfs.picture(size=(4960, 7016)).convert("L")
    content = f"q 1191 0 0 1684 0 0 cm /Im0 Do Q q 595 0 0 842 0 0 cm /Im1 Do Q {LINE}"
    images = [odd_pdfs.picture(), sharp]
    file = rebuilt(scan(content, images=images, box=(0, 0, 1191, 1684)), tmp_path)
    assert 300 <= file.pages[0].dpi < 600
