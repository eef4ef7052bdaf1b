"""Whether a file is worth asking who signed it."""

import time

import pytest

from storage.domain.marks import shows_signature


@pytest.mark.parametrize(
    ("data", "signed"),
    [
        (b"<</Type/Sig/ByteRange [0 1 2 3]>>", True),
        (b"<</Type/Sig/Byte#52ange[0 1 2 3]>>", True),
        (b"<</Type/Sig/#42yteRang#65 [0 1 2 3]>>", True),
        (b"<</Type/Sig/byterange [0 1 2 3]>>", False),
        (b"/Byte Range", False),
        (b"", False),
    ],
)
def test_a_signature_is_seen_however_its_range_is_spelt(data, signed):
    """PDF names may spell letters as numbers; they are never of another case."""
    assert shows_signature(data) is signed


def test_the_look_is_linear():
    """Ten million slashes take no more than a moment."""
    started = time.process_time()
    assert not shows_signature(b"/" * 10_000_000)
    assert time.process_time() - started < 5
