"""The rebuilder's small judgements, each by itself."""

import io
import zlib

import pikepdf
import pytest
from PIL import Image, ImageOps

from corpus.sample_scan import image_stream, jpeg
from corpus.scans import small, srgb_profile
from intake.adapters.rebuild import colour, jpeg_rows, lift, photo, rows
from intake.adapters.rebuild import jpeg as markers
from intake.adapters.rebuild.exif import Density
from intake.adapters.rebuild.limits import Limits
from intake.adapters.rebuild.pages import UnfitPage

LIMITS = Limits()


def test_srgb_is_known_by_its_primaries():
    """Not by its name: the profile of any maker with sRGB's colourants is sRGB."""
    assert colour.nearness(srgb_profile()) == "same"


def test_a_wide_profile_is_far():
    """Adobe RGB's green lies elsewhere: its codes would mean another colour."""
    profile = bytearray(srgb_profile())
    at = profile.index(b"gXYZ")
    offset = int.from_bytes(profile[at + 4 : at + 8], "big")
    profile[offset + 8 : offset + 12] = int(0.2 * 65536).to_bytes(4, "big")
    assert colour.nearness(bytes(profile)) == "far"


@pytest.mark.parametrize("profile", [b"", b"x" * 200, srgb_profile()[:140]])
def test_a_broken_profile_is_far(profile):
    """Nothing is guessed from it, and it raises nothing."""
    assert colour.nearness(profile) == "far"


def test_a_clean_jpeg_is_the_same_bytes():
    """Nothing to cut: lifted bit for bit, with its density read."""
    data = jpeg(small())
    found = markers.parse(data)
    assert (jpeg_rows.trimmed(found).data, found.hidden) == (data, False)
    assert found.density == Density(300, 300, inches=True)


@pytest.mark.parametrize("cut", [3, 10, 200, 5000])
def test_a_jpeg_without_its_end_is_refused(cut):
    """Wherever it stops, a reason and no other exception."""
    with pytest.raises(UnfitPage):
        markers.parse(jpeg(small())[:cut])


def test_metadata_in_a_pdfs_jpeg_is_cut_too():
    """A scanner's own Exif does not travel into the copy; the pixels do."""
    exif = Image.Exif()
    exif[0x010F] = "HoaBan Scanner"
    written = io.BytesIO()
    small().save(written, "JPEG", exif=exif, quality=72)
    pdf = pikepdf.new()
    stream = image_stream(
        pdf, written.getvalue(), small(), Filter=pikepdf.Name.DCTDecode
    )
    lifted = lift.lift(stream, limits=LIMITS)
    assert lifted is not None
    assert lifted.flags == ("metadata-cut",)
    assert b"HoaBan" not in lifted.data
    assert _pixels(lifted.data) == _pixels(written.getvalue())


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_exif_orientation_is_shown_upright(orientation, tmp_path):
    """Turned ones by /Rotate, mirrored ones by the matrix; no pixel is touched."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / "photo.jpg"
    small().save(path, "JPEG", exif=exif, quality=95)
    (page,) = photo.read_jpeg(path, limits=LIMITS)
    with Image.open(path) as opened:
        upright = ImageOps.exif_transpose(opened).size
    kept = page.pictures[0].stream
    turned = page.rotation in (90, 270)
    assert upright == (
        (kept.height, kept.width) if turned else (kept.width, kept.height)
    )
    assert page.done == "embedded"
    mirrored = page.pictures[0].placement[0] < 0
    assert mirrored is (orientation in (2, 4, 5, 7))


@pytest.mark.parametrize(
    ("declared", "assumed"), [(72, True), (300, False), (2400, True), (20, True)]
)
def test_only_a_believable_dpi_is_believed(declared, assumed, tmp_path):
    """100 to 1200 and paper up to A2; else A4, and the page says so."""
    path = tmp_path / "photo.jpg"
    path.write_bytes(jpeg(small(), dpi=declared))
    (page,) = photo.read_jpeg(path, limits=LIMITS)
    assert ("size-assumed" in page.flags) is assumed


def test_zlib_data_end_where_their_rows_do():
    """Too short is refused; what is too long goes out without the surplus."""
    data = zlib.compress(bytes(1000))
    assert rows.exact(data, 10, 100, filtered=False) == data
    assert rows.exact(data + b"more", 10, 100, filtered=False) == data
    for short in (data[:-6], zlib.compress(bytes(999))):
        with pytest.raises(UnfitPage):
            rows.exact(short, 10, 100, filtered=False)
    bomb = zlib.compress(bytes(1 << 24))
    assert zlib.decompress(rows.exact(bomb, 10, 100, filtered=False)) == bytes(1000)


def _pixels(data):
    return Image.open(io.BytesIO(data)).tobytes()
