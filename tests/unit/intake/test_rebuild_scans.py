"""Every kind of scan: what comes out is page images and nothing else."""

import io
from collections.abc import Mapping
from pathlib import Path

import pytest
from PIL import Image, ImageOps

from corpus import scans
from corpus.sample_scan import jpeg
from corpus.scans import SCANS
from intake.adapters.rebuild import preview
from intake.domain.scan import RebuiltFile, SourceFile
from support import corpus
from support.prepared import prepared_rebuilder
from support.scans import (
    ACTIVE,
    difference,
    keys_of,
    looks,
    manifest_of,
    raw_streams,
    resembles,
)

Library = Mapping[str, tuple[Path, RebuiltFile]]

LIFTED = [
    *("w3.pdf", "small.pdf", "grey.pdf", "flate.pdf", "group4.pdf", "icc.pdf"),
    *("inverted-group4.pdf", "stencil.pdf", "strips.pdf", "mixed.pdf", "turned.pdf"),
    *("ocr.pdf", "active.pdf", "indexed.pdf"),
]
RENDERED = ["stamped.pdf", "texted.pdf", "annotated.pdf"]
LOSSLESS = ["jpx.pdf", "jbig2.pdf"]
PDFS = [name for name in SCANS if name.endswith(".pdf")]
LOOKS_ELSE = {
    # pdfium finds no page where the page tree has a hole.
    "holed-tree.pdf",
    # Narrow paper is laid on a larger page.
    "receipt.pdf",
}
PICTURES = [name for name in SCANS if not name.endswith(".pdf")]


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    """All scans of the corpus, rebuilt once."""
    shared = corpus.Library(corpus.shared_folder(tmp_path_factory))
    return {name: shared.rebuilt(name, make) for name, make in SCANS.items()}


@pytest.mark.parametrize("name", SCANS)
def test_manifest_is_what_stands_in_the_file(library, name):
    """Digest, size, filter, box, placement, rotation: read again, they are equal."""
    _, rebuilt = library[name]
    assert manifest_of(rebuilt.path) == rebuilt.manifest
    assert [tuple(i.sha256 for i in page.images) for page in rebuilt.manifest] == [
        facts.sha256 for facts in rebuilt.pages
    ]


@pytest.mark.parametrize("name", SCANS)
def test_nothing_active_and_no_metadata_survives(library, name):
    """No script, action, form, annotation, attachment, font or metadata is in it."""
    _, rebuilt = library[name]
    assert keys_of(rebuilt.path) & ACTIVE == set()


@pytest.mark.parametrize("name", [pdf for pdf in PDFS if pdf not in LOOKS_ELSE])
def test_a_pdf_looks_as_it_did(library, name):
    """pdfium shows the rebuilt pages as it showed the scan's, turned alike."""
    source, rebuilt = library[name]
    before, after = looks(source), looks(rebuilt.path)
    assert [image.size for image in after] == [image.size for image in before]
    assert max(map(difference, before, after)) < 3


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_looks_as_it_did(library, name):
    """A JPEG or PNG file is shown upright, on white."""
    source, rebuilt = library[name]
    with Image.open(source) as opened:
        original = ImageOps.exif_transpose(opened)
    if original.mode == "I;16":
        original = original.convert("I").point(lambda v: v / 256).convert("L")
    flat = Image.new("RGBA", original.size, "white")
    flat.alpha_composite(original.convert("RGBA"))
    (shown,) = looks(rebuilt.path)
    assert resembles(shown, flat)


@pytest.mark.parametrize("name", SCANS)
def test_the_desk_sees_what_is_kept(library, name):
    """Previews and thumbnails are the rebuilt pages, upright, of the promised width."""
    _, rebuilt = library[name]
    shown = looks(rebuilt.path, width=600)
    for page, large_file, little_file in zip(
        shown, rebuilt.previews, rebuilt.thumbnails, strict=True
    ):
        with Image.open(large_file) as large, Image.open(little_file) as little:
            assert resembles(page, large)
            assert resembles(page, little)
            assert large.width in preview.WIDTHS
            assert little.width == preview.THUMB_WIDTH


@pytest.mark.parametrize("name", LIFTED)
def test_streams_are_lifted_bit_for_bit(library, name):
    """No recompression: the scanner's own bytes stand in the original."""
    source, rebuilt = library[name]
    assert raw_streams(rebuilt.path) == raw_streams(source)
    assert {facts.done for facts in rebuilt.pages} == {"lifted"}


@pytest.mark.parametrize("name", RENDERED)
def test_a_page_with_more_on_it_is_rendered(library, name):
    """Vector, text or a stamp over the scan: drawn at 300 dpi or more, and flagged."""
    _, rebuilt = library[name]
    (facts,) = rebuilt.pages
    assert (facts.done, "rendered" in facts.flags) == ("rendered", True)
    assert facts.dpi >= 300


@pytest.mark.parametrize("name", LOSSLESS)
def test_odd_filters_are_reencoded_without_loss(library, name):
    """JBIG2 and JPEG 2000 keep the very same pixels, in a lossless filter."""
    source, rebuilt = library[name]
    ((image,),) = (page.images for page in rebuilt.manifest)
    width = image.width
    (before,), (after,) = looks(source, width=width), looks(rebuilt.path, width=width)
    assert (image.filter != "DCTDecode", rebuilt.pages[0].done) == (True, "re-encoded")
    assert before.tobytes() == after.tobytes()


def test_a_typed_page_beside_a_scan_is_rendered(library):
    """Born-digital is judged by the file, rendering by the page."""
    _, rebuilt = library["partly-born-digital.pdf"]
    assert [facts.done for facts in rebuilt.pages] == ["lifted", "rendered"]


def test_an_ocr_layer_is_dropped_in_silence(library):
    """Invisible text makes no page *rendered*; the fact is kept."""
    _, rebuilt = library["ocr.pdf"]
    assert "text-layer-dropped" in rebuilt.pages[0].flags


def test_strips_stay_strips(library):
    """Five strips on the page are five images in the manifest, none touched."""
    _, rebuilt = library["strips.pdf"]
    assert [len(page.images) for page in rebuilt.manifest] == [5]


def test_deflate_around_a_jpeg_is_taken_off(library):
    """``[/FlateDecode /DCTDecode]``: the JPEG inside stands alone, unchanged."""
    _, rebuilt = library["deflated-jpeg.pdf"]
    assert raw_streams(rebuilt.path) == [jpeg(scans.small())]


def test_mixed_paper_is_flagged(library):
    """A3 among A4 is flagged; A4 lying is the same paper."""
    _, rebuilt = library["mixed.pdf"]
    flags = ["mixed-sizes" in facts.flags for facts in rebuilt.pages]
    assert flags == [False, True, False, False]


def test_a_photograph_loses_its_secrets_not_its_pixels(library):
    """Exif, GPS, ICC, comment and the second picture go; every pixel stays; the
    orientation becomes /Rotate."""
    source, rebuilt = library["photo.jpg"]
    (stream,) = raw_streams(rebuilt.path)
    kept = Image.open(io.BytesIO(stream))
    assert kept.tobytes() == Image.open(io.BytesIO(source.read_bytes())).tobytes()
    assert not dict(kept.getexif())
    assert not {"comment", "icc_profile", "exif"} & set(kept.info)
    assert stream.endswith(b"\xff\xd9")
    assert b"HoaBan" not in rebuilt.path.read_bytes()
    assert rebuilt.manifest[0].rotation == 90


def test_a_telephone_without_dpi_is_fitted_to_a4(library):
    """72 dpi is no size of paper: the long sides meet A4's, and the page says so."""
    _, rebuilt = library["photo.jpg"]
    page = rebuilt.manifest[0]
    assert max(page.width, page.height) <= 841.8899
    assert min(page.width, page.height) == pytest.approx(595.2756, abs=1)
    assert "size-assumed" in rebuilt.pages[0].flags


def test_a_scanned_picture_keeps_its_true_size(library):
    """300 dpi in the file: 100 % scale on the page."""
    _, rebuilt = library["rgb.png"]
    assert rebuilt.pages[0].dpi == 300
    assert rebuilt.manifest[0].width == pytest.approx(827 * 72 / 300, abs=0.01)


def test_a_plain_png_is_embedded_as_it_is(library):
    """Its compressed rows stand in the PDF unchanged."""
    source, rebuilt = library["rgb.png"]
    (stream,) = raw_streams(rebuilt.path)
    assert rebuilt.pages[0].done == "embedded"
    assert b"".join(_idat(source.read_bytes())) == stream


def _idat(data):
    at, found = 8, []
    while at < len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        if data[at + 4 : at + 8] == b"IDAT":
            found.append(data[at + 8 : at + 8 + length])
        at += 12 + length
    return found


def test_w3_is_the_workload_of_the_specification(library):
    """3 pages A4, 300 dpi, colour JPEG, 3.3 to 3.6 MB."""
    source, rebuilt = library["w3.pdf"]
    assert 3_300_000 <= source.stat().st_size <= 3_600_000
    assert [facts.dpi for facts in rebuilt.pages] == [300, 300, 300]
    assert [facts.flags for facts in rebuilt.pages] == [(), (), ()]
    assert all(
        (page.width, page.height) == pytest.approx((595.28, 841.89), abs=0.5)
        for page in rebuilt.manifest
    )


async def test_joined_parts_are_the_document(library, tmp_path):
    """In the clerk's order, stream by stream, with file and page of each."""
    names = ("w3.pdf", "photo.jpg", "mixed.pdf", "strips.pdf")
    parts = [library[name][1] for name in names]
    leaves = [part.leaves for part in parts]
    original = await prepared_rebuilder().join(leaves, into=tmp_path)
    assert manifest_of(original.path) == original.manifest
    assert original.manifest == sum((part.manifest for part in parts), ())
    assert [(f.source_file, f.source_page) for f in original.pages] == [
        *((0, 1), (0, 2), (0, 3), (1, 1), (2, 1), (2, 2), (2, 3), (2, 4), (3, 1))
    ]
    assert keys_of(original.path) & ACTIVE == set()


async def test_the_same_in_gives_the_same_out(library, tmp_path):
    """Rebuilding is deterministic; one part joined is that part, byte for byte."""
    source, first = library["w3.pdf"]
    again, joined = tmp_path / "again", tmp_path / "joined"
    again.mkdir()
    joined.mkdir()
    rebuilder = prepared_rebuilder()
    second = await rebuilder.rebuild(SourceFile("w3.pdf", source), into=again)
    original = await rebuilder.join([first.leaves], into=joined)
    assert first.sha256 == second.sha256 == original.sha256


@pytest.mark.parametrize("name", ["w3.pdf", "strips.pdf", "photo.jpg"])
def test_the_file_has_the_plain_shape(library, name):
    """Classic table, no object stream, ends ``%%EOF\\n`` (docs/dialect.md, 1)."""
    data = library[name][1].path.read_bytes()
    assert data.startswith(b"%PDF-1.7\n")
    assert data.endswith(b"%%EOF\n")
    assert b"/ObjStm" not in data
    assert b"\nxref\n" in data
