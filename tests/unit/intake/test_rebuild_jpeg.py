"""JPEG: whole or refused with the right word, and nothing hidden goes along."""

import io
from collections.abc import Callable

import pytest
from PIL import Image

from corpus import odd_images
from corpus.odd_images import SECRET, coded, surplus_jpeg
from corpus.scans import small
from intake.adapters.rebuild import photo
from intake.adapters.rebuild.limits import Limits
from intake.adapters.rebuild.pages import UnfitPage
from intake.domain.scan import ScanFault, SourceFile
from support.prepared import prepared_rebuilder

LIMITS = Limits()


def read(data, folder):
    path = folder / "photo.jpg"
    path.write_bytes(data)
    (page,) = photo.read_jpeg(path, limits=LIMITS)
    return page


def stream_of(data, folder):
    (placed,) = read(data, folder).pictures
    assert placed.stream.filter == "DCTDecode"
    return placed.stream.data


def pixels(data):
    return Image.open(io.BytesIO(data)).tobytes()


HARMLESS: dict[str, tuple[Callable[[], bytes], Callable[[], bytes]]] = {
    # name: (the odd file, the plain one that must come out)
    "telephone's spectrum": (odd_images.telephone_jpeg, lambda: coded(small())),
    "height behind the scan": (odd_images.late_height_jpeg, lambda: coded(small())),
    "hidden everywhere": (odd_images.stuffed_jpeg, lambda: coded(small())),
    "fill bytes": (
        odd_images.filled_jpeg,
        lambda: coded(small(), restart_marker_rows=4),
    ),
    "junk between segments": (odd_images.junk_headed_jpeg, lambda: coded(small())),
    "a second scan": (odd_images.second_scan_jpeg, lambda: coded(small())),
    "one byte more": (lambda: surplus_jpeg(1), lambda: coded(small())),
    "seven bytes more": (lambda: surplus_jpeg(7), lambda: coded(small())),
    "many bytes more": (lambda: surplus_jpeg(24), lambda: coded(small())),
    "progressive": (odd_images.progressive, odd_images.progressive),
    "flat to the end": (odd_images.flat_ended_jpeg, odd_images.flat_ended_jpeg),
}


@pytest.mark.parametrize("name", HARMLESS)
def test_an_oddity_is_taken_with_all_pixels(name, tmp_path):
    """The very stream that the encoder would have written without it, but for the
    colour mark of Adobe's that one of them has.
    """
    odd, plain = HARMLESS[name]
    adobe = odd_images.adobe(1) if name == "hidden everywhere" else b""
    assert stream_of(odd(), tmp_path).replace(adobe, b"") == plain()


@pytest.mark.parametrize("name", HARMLESS)
def test_hidden_data_are_named_only_if_there_were_any(name, tmp_path):
    """A header set right is no hidden data that was cut."""
    page = read(HARMLESS[name][0](), tmp_path)
    nothing = {"telephone's spectrum", "height behind the scan"}
    nothing |= {"progressive", "flat to the end"}
    assert ("metadata-cut" in page.flags) is (name not in nothing)


def test_surplus_between_progressive_scans_is_cut(tmp_path):
    """Seven bytes behind each scan: libjpeg drops them without a word."""
    plain = odd_images.progressive()
    odd = plain.replace(b"\xff\xc4", b"SECRET7\xff\xc4")
    odd = odd.replace(b"SECRET7", b"", 1)  # not before the first scan's tables
    assert pixels(stream_of(odd, tmp_path)) == pixels(plain)
    assert b"SECRET7" not in stream_of(odd, tmp_path)


def test_surplus_in_a_restart_interval_does_not_travel(tmp_path):
    """libjpeg counts it, and reports it only when it is asked on."""
    for image in (small(), small().convert("L")):
        plain = coded(image, restart_marker_rows=4)
        few = plain.replace(b"\xff\xd2", b"a\xff\xd2", 1)
        many = plain.replace(b"\xff\xd2", SECRET + b"\xff\xd2")
        assert stream_of(few, tmp_path) == plain
        assert stream_of(many, tmp_path) == plain


@pytest.mark.parametrize(
    ("make", "fault"),
    [
        (odd_images.without_last_scans, ScanFault.TRUNCATED),
        (odd_images.zero_filled_jpeg, ScanFault.TRUNCATED),
        (lambda: odd_images.zero_filled_jpeg(0.9, 9), ScanFault.TRUNCATED),
        (lambda: odd_images.zero_filled_jpeg(0.3, 9), ScanFault.TRUNCATED),
        (odd_images.without_an_interval, ScanFault.DAMAGED),
        (lambda: odd_images.late_height_jpeg(0), ScanFault.DAMAGED),
        (lambda: odd_images.late_height_jpeg(3000), ScanFault.TRUNCATED),
        (lambda: coded(small())[:-2], ScanFault.TRUNCATED),
        (lambda: coded(small())[:-2] + bytes(4000), ScanFault.TRUNCATED),
        (lambda: coded(small())[:-900] + b"\xff\xd9", ScanFault.TRUNCATED),
        (lambda: odd_images.progressive()[:-900] + b"\xff\xd9", ScanFault.TRUNCATED),
    ],
)
def test_what_is_not_whole_is_refused(make, fault, tmp_path):
    """*truncated* only if rows are missing, *damaged* if something else is wrong."""
    with pytest.raises(UnfitPage) as refused:
        read(make(), tmp_path)
    assert refused.value.fault is fault


async def test_the_secret_is_in_no_byte(tmp_path):
    """Neither in the rebuilt file nor in the desk's pictures."""
    source, into = tmp_path / "stuffed.jpg", tmp_path / "out"
    source.write_bytes(odd_images.stuffed_jpeg())
    into.mkdir()
    await prepared_rebuilder().rebuild(SourceFile("stuffed.jpg", source), into=into)
    assert all(SECRET not in path.read_bytes() for path in into.iterdir())
