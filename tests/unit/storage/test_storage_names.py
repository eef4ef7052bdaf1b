"""File names are text, never paths."""

from urllib.parse import unquote

import pytest

from storage.domain.names import ascii_name, attachment, download_name, plain_name


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("ban-sao.pdf", "ban-sao.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\scan\\bằng.pdf", "bằng.pdf"),
        ("gpj.\u202efdp", "gpj. fdp"),
        ("a\r\nSet-Cookie: x\x00.pdf", "a Set-Cookie: x .pdf"),
        ("zero\u200bwidth\ufeff.pdf", "zero width .pdf"),
        ("", ""),
    ],
)
def test_strangers_names_are_shown_as_one_plain_line(name, shown):
    """No path, no control, no bidi and no zero-width character is shown."""
    assert plain_name(name) == shown


def test_a_long_name_keeps_both_ends():
    """300 characters become at most 120, and the ending stays to be seen."""
    shown = plain_name("a" * 296 + ".pdf")
    assert len(shown) <= 120
    assert shown.endswith(".pdf")
    assert "…" in shown


def test_names_are_composed():
    """A name in decomposed form is shown, and downloaded, composed."""
    assert plain_name("Ba\u0302\u0300ng") == "Bầng"


def test_download_name_has_number_and_title():
    """A citizen finds the file by its number and by what the paper is."""
    name = download_name("1180/2026", 'Bằng "giỏi": A/B')
    assert name == "Bản sao 1180-2026 - Bằng -giỏi- A-B.pdf"


def test_download_name_fits_a_file_system():
    """The longest title leaves a name of at most 120 characters with its ending."""
    name = download_name("1180/2026", "Đ" * 400)
    assert len(name) <= 120
    assert name.endswith(".pdf")


def test_header_is_ascii_and_carries_the_diacritics():
    """RFC 6266: an ASCII name for old clients, the true one in RFC 8187 form."""
    header = attachment("1180/2026", "Bằng tốt nghiệp; \r\nX: y")
    assert header.isascii()
    assert "\r" not in header
    assert "\n" not in header
    assert 'filename="ban-sao-1180-2026.pdf"' in header
    encoded = header.partition("filename*=UTF-8''")[2]
    assert ";" not in encoded
    assert unquote(encoded) == "Bản sao 1180-2026 - Bằng tốt nghiệp; X- y.pdf"


def test_ascii_name_is_plain():
    """Whatever the book's number looks like, the plain name has no odd character."""
    assert ascii_name("123/ĐT-2026") == "ban-sao-123-T-2026.pdf"
