"""Byte ranges, row by row (RFC 9110 §14)."""

import pytest

from storage.domain.ranges import (
    Span,
    UnsatisfiableRangeError,
    matches,
    parse_range,
    range_still_holds,
)

SIZE = 1000


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, None),
        ("bytes=0-0", Span(0, 0)),
        ("bytes=0-499", Span(0, 499)),
        ("bytes=500-", Span(500, 999)),
        ("bytes=500-99999", Span(500, 999)),
        ("bytes=999-999", Span(999, 999)),
        ("bytes=-1", Span(999, 999)),
        ("bytes=-1000", Span(0, 999)),
        ("bytes=-99999", Span(0, 999)),
        ("BYTES = 0-1", None),
        ("Bytes=0-1", Span(0, 1)),
        ("bytes= 0 - 1 ", Span(0, 1)),
        ("bytes=0-1,5-6", None),
        ("bytes=5-1", None),
        ("bytes=-", None),
        ("bytes=", None),
        ("bytes=a-b", None),
        ("bytes=٠-١", None),
        ("items=0-1", None),
        ("bytes=0-" + "9" * 400, None),
        ("", None),
    ],
)
def test_range_table(header, expected):
    """One span is taken; several, malformed and foreign ones mean the whole file."""
    assert parse_range(header, SIZE) == expected


@pytest.mark.parametrize("header", ["bytes=1000-", "bytes=1000-1001", "bytes=-0"])
def test_a_range_beyond_the_file_is_unsatisfiable(header):
    """Nothing of the file lies there: the caller says 416."""
    with pytest.raises(UnsatisfiableRangeError):
        parse_range(header, SIZE)


@pytest.mark.parametrize(
    ("header", "same"),
    [
        (None, False),
        ('"a"', True),
        ('W/"a"', True),
        ('"b", "a"', True),
        ("*", True),
        ('"b"', False),
        ("a", False),
    ],
)
def test_if_none_match_compares_weakly(header, same):
    """If-None-Match spares the bytes when the client has them in any form."""
    assert matches(header, '"a"') is same


@pytest.mark.parametrize(
    ("header", "holds"),
    [(None, True), ('"a"', True), ('W/"a"', False), ('"b"', False), ("Mon", False)],
)
def test_if_range_compares_strongly(header, holds):
    """A part is sent only of the very file the client began with."""
    assert range_still_holds(header, '"a"') is holds
