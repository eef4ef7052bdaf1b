"""A JPEG is decoded once: to judge it, and for what the desk shows of it."""

import io
import json
import random
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pikepdf
import pytest
from PIL import Image, ImageChops, ImageStat

from corpus.sample_scan import add_page, image_stream, points
from intake.adapters.rebuild import jpeg, jpeg_closing, jpeg_rows, worker
from intake.adapters.rebuild.decode import decoded
from intake.adapters.rebuild.limits import Limits
from intake.adapters.rebuild.pages import UnfitPage

LIMITS = Limits()
SHAPES = {
    "4:2:0": {"subsampling": 2},
    "4:2:2": {"subsampling": 1},
    "4:4:4": {"subsampling": 0},
    "own tables": {"subsampling": 2, "optimize": True},
    "fine": {"subsampling": 2, "quality": 97},
}
MORE = {
    "progressive": {"progressive": True},
    "restarts": {"restart_marker_rows": 3},
}


def noise(size, seed, mode="RGB"):
    chance = random.Random(seed)
    small = (size[0] // 8 + 1, size[1] // 8 + 1)
    bands = [
        Image.frombytes("L", small, chance.randbytes(small[0] * small[1])) for _ in mode
    ]
    return Image.merge(mode, bands).resize(size)


def encoded(image, **options):
    written = io.BytesIO()
    image.save(written, "JPEG", **{"quality": 80} | options)
    return written.getvalue()


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("size", [(320, 240), (313, 257)])
def test_one_decoding_knows_a_whole_jpeg(name, size):
    """For each size and sampling: nothing is missing, nothing left over, one look."""
    data = encoded(noise(size, name), **SHAPES[name])
    found = jpeg.parse(data)
    assert jpeg_closing.closed(found) is not None
    assert decodings(lambda: jpeg_rows.trimmed(found)) == 1
    assert jpeg_rows.trimmed(found).data == data


@pytest.mark.parametrize("surplus", [b"\x00", b"\xaa" * 7, b"\xff\xd0", b"\xff\x00"])
@pytest.mark.parametrize("name", SHAPES)
def test_what_is_left_over_does_not_travel(name, surplus):
    """From one byte on, and behind a mark that a restart would have."""
    data = encoded(noise((320, 240), name), **SHAPES[name])
    clean = jpeg_rows.trimmed(jpeg.parse(data[:-2] + surplus + data[-2:]))
    assert clean.data == data


def test_a_row_behind_a_mark_of_its_own_does_not_travel():
    """Made so that a row which is added for the judgement seems to be there."""
    data = encoded(noise((320, 240), 1))
    last = jpeg_closing.closed(jpeg.parse(data))[-1]
    hidden = replace(last, coded=last.coded + b"hidden")
    found = jpeg.parse(data)
    forged = jpeg.parse(jpeg.written((*found.segments[:-1], hidden)))
    assert jpeg_closing.closed(forged) is None
    assert jpeg_rows.trimmed(forged).data == data


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("missing", [1, 2, 40])
def test_what_is_missing_is_missed(name, missing):
    """One byte of the last row is enough."""
    data = encoded(noise((320, 240), name), **SHAPES[name])
    found = jpeg.parse(data)
    scan = found.segments[-1]
    short = replace(scan, coded=scan.coded[:-missing])
    cut = jpeg.parse(jpeg.written((*found.segments[:-1], short)))
    with pytest.raises(UnfitPage, match="truncated"):
        jpeg_rows.trimmed(cut)


@pytest.mark.parametrize(
    ("name", "size", "mode"),
    [
        *((name, (313, 257), "RGB") for name in SHAPES),
        *((name, (2201, 2247), "RGB") for name in ("4:2:0", "4:2:2", "4:4:4")),
        ("progressive", (313, 257), "RGB"),
        ("restarts", (2201, 2247), "RGB"),
        ("4:2:0", (2201, 2247), "L"),
    ],
)
def test_its_pixels_are_the_streams(name, size, mode):
    """What the judgement has decoded, small or at half size, is what the kept bytes
    decode to.
    """
    found = jpeg.parse(encoded(noise(size, name, mode), **(SHAPES | MORE)[name]))
    stream = jpeg_rows.lifted(found, jpeg_rows.trimmed(found))
    half = size[0] // 2 if size[0] > 2200 else size[0]
    again = decoded(replace(stream, shown=None), at_least=half, limits=LIMITS)
    assert stream.shown.size[0] == again.width == -(-size[0] // (size[0] // half))
    shown = stream.shown.image().convert(again.mode)
    assert ImageChops.difference(shown, again).getbbox() is None


def test_a_scanned_page_is_worked_through_once(tmp_path):
    """Two pages: each decoded, hashed, brought to a thumbnail, turned grey and written
    down once, and never brought to another size to be shown or looked at.
    """
    source = tmp_path / "scan.pdf"
    with pikepdf.new() as pdf:
        for seed in (1, 2):
            image = noise((2480, 3508), seed)
            stream = image_stream(
                pdf, encoded(image), image, Filter=pikepdf.Name.DCTDecode
            )
            add_page(pdf, points(image), [stream])
        pdf.save(source)
    calls = counted(lambda: worker.rebuild("application/pdf", source, tmp_path, LIMITS))
    assert len(json.loads(json.dumps(calls[1]))["pages"]) == 2
    assert {name: calls[0][name] for name in WORK} == WORK


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF"])
def test_a_page_that_is_no_jpeg_is_decoded_once_too(kind, tmp_path):
    """What was decoded to be kept is what the desk shows, without one more look."""
    source = tmp_path / "scan"
    noise((1240, 1754), 1, "L").save(source, kind, dpi=(150, 150))
    calls, _ = counted(
        lambda: worker.rebuild(f"image/{kind.lower()}", source, tmp_path, LIMITS)
    )
    assert calls["decode.py", "picture"] == 1
    assert calls["preview.py", "Image.resize"] == 1


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_the_desks_pictures_show_the_page(mode, tmp_path):
    """Grey or in colour, written from the rows that were decoded for the judgement."""
    round_, across = Image.radial_gradient("L"), Image.linear_gradient("L")
    image = Image.merge(mode, (round_, across, round_)[: len(mode)])
    image = image.resize((2480, 3508))
    source = tmp_path / "page.jpg"
    source.write_bytes(encoded(image, dpi=(300, 300)))
    worker.rebuild("image/jpeg", source, tmp_path, LIMITS)
    for kind, size in (("preview", (1240, 1754)), ("thumb", (160, 226))):
        shown = Image.open(tmp_path / f"0001.{kind}.jpg")
        assert shown.size == size
        small = image.resize(size, Image.Resampling.BOX)
        off = ImageChops.difference(shown.convert(mode), small)
        assert max(ImageStat.Stat(off).mean) < 3


WORK = {
    ("jpeg_pixels.py", "decoded"): 2,
    ("decode.py", "picture"): 0,
    ("writer.py", "sha256"): 2,
    ("preview.py", "save"): 2,
    ("preview.py", "Image.resize"): 2,
    ("preview.py", "Image.convert"): 0,
    ("pixels.py", "jpeg"): 2,
    ("preview.py", "Image.save"): 2,
    ("look.py", "Image.convert"): 2,
    ("look.py", "Image.resize"): 0,
}


def counted(work):
    """How often each function of ours ran, and each method of a picture by our file."""
    calls = Counter()

    def count(frame, event, _):
        if event != "call":
            return
        code, file = frame.f_code, Path(frame.f_code.co_filename)
        if file.parent.name == "rebuild":
            calls[file.name, code.co_name] += 1
        elif code.co_qualname.startswith("Image.") and frame.f_back:
            by = Path(frame.f_back.f_code.co_filename)
            calls[by.name, code.co_qualname] += 1

    sys.setprofile(count)
    try:
        result = work()
    finally:
        sys.setprofile(None)
    return calls, result


def decodings(work):
    return counted(work)[0]["jpeg_pixels.py", "decoded"]
