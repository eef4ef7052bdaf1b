"""A scanned page straightened or trimmed: what of its streams stays, what is gone."""

import io
import math
from dataclasses import replace

import numpy as np
import pikepdf
import pytest
from PIL import Image, ImageDraw

from intake.adapters.rebuild import adjusting, decode, preview
from intake.adapters.rebuild.encode import lossless
from intake.adapters.rebuild.limits import Limits
from intake.adapters.rebuild.pages import (
    Page,
    Placed,
    Stream,
    UnfitPage,
    manifest_image,
)
from intake.adapters.rebuild.writer import PageWriter, sha256
from intake.domain.scan import ScanFault

LIMITS = Limits()
WIDE, HIGH = 300.0, 400.0
UPRIGHT = (WIDE, 0.0, 0.0, HIGH, 0.0, 0.0)


def leaning(degrees, size=(600, 800)):
    """Rules across white paper that run down to the right by so many degrees."""
    picture = Image.new("L", size, 255)
    draw = ImageDraw.Draw(picture)
    fall = size[0] * math.tan(math.radians(degrees))
    for top in range(60, size[1] - 60, 40):
        draw.line((0, top, size[0], top + fall), fill=0, width=5)
    return picture


def jpeg(picture, quality=90):
    written = io.BytesIO()
    picture.save(written, "JPEG", quality=quality)
    space = "DeviceGray" if picture.mode == "L" else "DeviceRGB"
    return Stream(written.getvalue(), "DCTDecode", *picture.size, 8, space)


def noise(size=(60, 80)):
    pixels = np.random.default_rng(3).integers(0, 255, (*size[::-1], 3), np.uint8)
    return Image.fromarray(pixels)


def order(tmp_path, *placed, degrees=0.0, trim=(0, 0, 0, 0), rotation=0):
    wide, high = (HIGH, WIDE) if rotation else (WIDE, HIGH)
    page = Page(1, wide, high, rotation, placed, "lifted")
    images = [manifest_image(p, sha256(p.stream.data)) for p in placed]
    manifest = {"width": wide, "height": high, "rotation": rotation, "images": images}
    writer = PageWriter()
    writer.add(manifest, [p.stream.data for p in page.pictures])
    writer.save(tmp_path / "part.pdf")
    facts = {"done": "lifted", "flags": ["rendered"]}
    asked = {"path": str(tmp_path / "part.pdf"), "number": 1, "manifest": manifest}
    return asked | facts | {"degrees": degrees, "trim": trim}


def made(*args, **kwargs):
    return adjusting.adjusted(order(*args, **kwargs), LIMITS)


def pixels(placed):
    stream = placed.stream
    return decode.decoded(
        replace(stream, shown=None), at_least=stream.width, limits=LIMITS
    )


def test_straightening_touches_no_stream_and_hides_nothing(tmp_path):
    """The matrix turns, and the page grows until every corner of the scan is on it."""
    scan = Placed(jpeg(leaning(0)), UPRIGHT)
    page = made(tmp_path, scan, degrees=3.0)
    assert page.pictures[0].stream.data == scan.stream.data
    assert (page.done, page.flags) == ("lifted", ("rendered", "straightened"))
    a, b, c, d, e, f = page.pictures[0].placement
    for x, y in ((0, 0), (1, 0), (0, 1), (1, 1)):
        assert -0.001 <= a * x + c * y + e <= page.width + 0.001
        assert -0.001 <= b * x + d * y + f <= page.height + 0.001
    assert math.hypot(a, b) == pytest.approx(WIDE, abs=0.001)  # true size
    assert page.width == pytest.approx(
        WIDE * math.cos(math.radians(3)) + HIGH * math.sin(math.radians(3)), abs=0.001
    )


@pytest.mark.parametrize("rotation", [0, 90])
def test_lines_that_run_down_are_turned_back(tmp_path, rotation):
    """Clockwise is clockwise as seen, whichever way the page lies in its file."""
    scan = leaning(3)
    stored = scan.rotate(rotation, expand=True)
    lying = (HIGH, 0.0, 0.0, WIDE, 0.0, 0.0)
    placed = Placed(jpeg(stored), lying if rotation else UPRIGHT)
    page = made(tmp_path, placed, degrees=-3.0, rotation=rotation)
    shown = np.asarray(preview.preview(page, limits=LIMITS).convert("L"), np.float64)
    high, wide = shown.shape
    rows = shown[high // 4 : -high // 4, wide // 4 : -wide // 4].mean(axis=1)
    assert rows.min() < 90  # level rules fill whole rows
    assert rows.max() > 240


@pytest.mark.parametrize("mode", ["1", "L", "RGB"])
def test_what_is_cut_off_is_gone_and_the_rest_has_every_pixel(tmp_path, mode):
    scan = noise().convert(mode)
    page = made(tmp_path, Placed(lossless(scan), UPRIGHT), trim=(10, 20, 30, 40))
    kept = page.pictures[0]
    expected = scan.crop((6, 16, 42, 48))
    assert pixels(kept).convert("RGB").tobytes() == expected.convert("RGB").tobytes()
    assert kept.stream.width, kept.stream.height == expected.size
    assert (page.done, page.flags) == ("re-encoded", ("rendered", "trimmed"))
    assert (page.width, page.height) == (WIDE * 0.6, HIGH * 0.4)
    assert kept.placement == pytest.approx((WIDE * 0.6, 0, 0, HIGH * 0.4, 0, 0))


def test_a_large_photograph_is_compressed_anew_and_says_so(tmp_path):
    """Without loss it would have many times the bytes of the scan."""
    scan = jpeg(noise((900, 1200)), quality=20)
    page = made(tmp_path, Placed(scan, UPRIGHT), trim=(0, 0, 0, 50))
    kept = page.pictures[0].stream
    assert (kept.width, kept.height) == (900, 600)
    assert page.done == "recompressed"
    cut = Image.open(io.BytesIO(scan.data)).crop((0, 0, 900, 600))
    off = np.abs(
        np.asarray(cut, int) - np.asarray(Image.open(io.BytesIO(kept.data)), int)
    )
    assert off.mean() < 4


def test_of_several_pictures_only_those_on_the_edge_change(tmp_path):
    """An identity card's two sides: one is within, one is cut, one is gone."""
    within = Placed(jpeg(noise()), (200, 0, 0, 100, 10, 10))
    edge = Placed(lossless(noise()), (200, 0, 0, 100, 10, 150))
    gone = Placed(jpeg(noise((30, 40))), (200, 0, 0, 100, 10, 290))
    page = made(tmp_path, within, edge, gone, trim=(0, 50, 0, 0))
    assert [p.stream.data == within.stream.data for p in page.pictures] == [True, False]
    assert page.pictures[1].stream.height == 40
    assert page.height == HIGH / 2


def test_a_picture_that_lies_on_its_side_is_cut_where_it_is_seen(tmp_path):
    """Its left edge is the page's lower one."""
    scan = noise()
    turned = Placed(lossless(scan), (0.0, HIGH, -WIDE, 0.0, WIDE, 0.0))
    page = made(tmp_path, turned, trim=(0, 0, 0, 50))
    kept = pixels(page.pictures[0])
    assert kept.tobytes() == scan.crop((30, 0, 60, 80)).tobytes()


@pytest.mark.parametrize(
    ("placement", "trim", "fault"),
    [
        ((200, 40, -40, 200, 50, 0), (10, 0, 0, 0), ScanFault.UNKNOWN_CODING),
        ((50, 0, 0, 50, 0, 0), (50, 0, 0, 0), ScanFault.NO_PAGES),
    ],
)
def test_what_cannot_be_cut_is_refused(tmp_path, placement, trim, fault):
    with pytest.raises(UnfitPage) as refused:
        made(tmp_path, Placed(lossless(noise()), placement), trim=trim)
    assert refused.value.fault is fault


def test_a_part_that_is_not_its_manifests_is_refused(tmp_path):
    asked = order(tmp_path, Placed(lossless(noise()), UPRIGHT), degrees=1.0)
    asked["manifest"]["images"][0]["sha256"] = "0" * 64
    with pytest.raises(UnfitPage):
        adjusting.adjusted(asked, LIMITS)
    assert pikepdf.open(asked["path"]).pages
