"""The bytes' own story: ranges, revisions and just enough DER."""

import pytest

from conformance.alter import _blanked, trailing_bytes
from conformance.signed_pdf import (
    at,
    children,
    contents,
    element,
    replaced,
    revision_ends,
    signatures,
)

SHORT = bytes.fromhex("0403010203")
TREE = bytes.fromhex("300c" + "0403010203" + "3005" + "0403040506")


def _revision(before, body):
    table = len(before) + len(body)
    previous = before.rfind(b"startxref\n")
    prev = b""
    if previous >= 0:
        prev = b"/Prev " + before[previous + 10 :].split(b"\n")[0]
    return (
        before
        + body
        + b"xref\n0 0\ntrailer\n<<%b>>\nstartxref\n%d\n%%%%EOF\n" % (prev, table)
    )


def test_every_revision_ends_at_its_own_eof():
    """The chain of /Prev is followed, not the look of the bytes: an %%EOF inside a
    stream is no end."""
    one = _revision(b"", b"%PDF-1.7\nstream\n%%EOF\nendstream\n")
    two = _revision(one, b"2 0 obj\nendobj\n")
    assert revision_ends(two) == [len(one), len(two)]


@pytest.mark.parametrize("alter", [trailing_bytes, lambda data: data[:-3]])
def test_what_follows_the_last_revision_is_seen(alter):
    """Something more, or something less, and no end is found at all."""
    assert revision_ends(alter(_revision(b"", b"%PDF-1.7\n"))) == []


def test_a_signature_is_read_from_its_range():
    """The content is all but the hole; the CMS is the hole without its padding."""
    hole = b"<" + SHORT.hex().encode() + b"0000>"
    head = b"/ByteRange [ 0 30 46 8 ]".ljust(30)
    data = head + hole.ljust(16) + b"the rest"
    signed = signatures(data)[0]
    assert signed.cms == SHORT
    assert signed.content == head + b"the rest"


def test_der_is_taken_apart_and_put_together_again():
    """Replacing an element with itself gives the same bytes; with a longer one the
    lengths above it grow, beyond 127 too."""
    assert children(TREE) == [SHORT, at(TREE, (1,))]
    assert contents(at(TREE, (1, 0))) == b"\x04\x05\x06"
    assert replaced(TREE, (1, 0), at(TREE, (1, 0))) == TREE
    long = b"\x04\x81\xc8" + bytes(200)
    grown = replaced(TREE, (1, 0), long)
    assert element(grown + b"padding") == grown
    assert at(grown, (1, 0)) == long


def test_an_alteration_that_finds_nothing_is_no_alteration():
    """Else a judge would be tried with the unaltered file."""
    import re

    with pytest.raises(ValueError, match="nothing in the copy"):
        _blanked(b"no claim here", re.compile(rb"pdfaid"))
