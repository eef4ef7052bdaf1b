"""A whole file with anything behind its end is taken; a cut one is refused."""

import io

import pikepdf
import pytest

from corpus import odd_pdfs
from corpus.scans import small_pdf
from support.rebuilding import rebuilt, refusal

HTML = b"<html><body><h1>404</h1>\n<p>12 0 R, page 3 of 7</p></body></html>\r\n"
MAIL = b"\r\n--=_boundary--\r\n\r\nSent from a telephone\r\n"
TAILS = {
    "nothing": b"",
    "3000 zeros": bytes(3000),
    "a block of zeros": bytes(1 << 20),
    "newlines": b"\r\n" * 5000,
    "spaces": b" " * 3000,
    "a web page": HTML * 60,
    "a mail's end": MAIL,
    "other bytes": bytes(range(256)) * 20,
    "end marks": b"%%EOF\n" * 1000,
}


def linearised():
    return _saved(linearize=True)


def with_streams():
    """Object streams and a cross-reference stream, as most writers of today."""
    return _saved(object_stream_mode=pikepdf.ObjectStreamMode.generate)


def _saved(**how):
    written = io.BytesIO()
    with pikepdf.open(io.BytesIO(small_pdf(2))) as pdf:
        pdf.save(written, **how)
    return written.getvalue()


def updated():
    """A second revision behind the first one."""
    whole = small_pdf(2)
    start = whole[whole.rindex(b"startxref") :].split()[1]
    number = 90
    body = b"%d 0 obj\n<< /More true >>\nendobj\n" % number
    at = len(whole)
    table = b"xref\n%d 1\n%010d 00000 n \n" % (number, at)
    trailer = b"trailer\n<< /Size 91 /Root 1 0 R /Prev %s >>\n" % start
    return (
        whole + body + table + trailer + b"startxref\n%d\n%%%%EOF\n" % (at + len(body))
    )


FILES = {
    "classic": lambda: small_pdf(2),
    "linearised": linearised,
    "streams": with_streams,
    "updated": updated,
}


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("tail", TAILS)
def test_a_whole_file_is_taken_with_its_tail(file, tail, tmp_path):
    """All pages are there, whatever a server, a mail or a disk put behind."""
    assert len(rebuilt(FILES[file]() + TAILS[tail], tmp_path).pages) == 2


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("tail", ["nothing", "3000 zeros", "a web page"])
@pytest.mark.parametrize("share", [0.3, 0.5, 0.9])
def test_a_cut_file_is_cut_whatever_stands_behind(file, tail, share, tmp_path):
    """Its own end is missing, also where an earlier revision's end is still there."""
    whole = FILES[file]()
    data = whole[: int(len(whole) * share)] + TAILS[tail]
    assert refusal(data, tmp_path) == "truncated"


def test_a_cut_update_is_cut(tmp_path):
    """The first revision is whole; what came later is not."""
    whole, first = updated(), len(small_pdf(2))
    assert refusal(whole[: first + 20], tmp_path) == "truncated"
    assert refusal(whole[: first + 60] + bytes(3000), tmp_path) == "truncated"


@pytest.mark.parametrize("cut", [1, 3, 6])
def test_a_file_without_its_last_mark_is_whole(cut, tmp_path):
    """Every object and the table are there: nothing of the paper is missing."""
    data = small_pdf(2)
    assert data.endswith(b"%%EOF\n")
    assert len(rebuilt(data[:-cut], tmp_path).pages) == 2


@pytest.mark.parametrize("cut", [8, 10, 14, 30])
def test_a_file_that_ends_in_its_end_mark_is_cut(cut, tmp_path):
    """The offset of the table is cut, or the word before it."""
    assert refusal(small_pdf(2)[:-cut], tmp_path) == "truncated"


@pytest.mark.parametrize("junk", [b"\n", b"HTTP/1.1 200 OK\r\n\r\n", bytes(1000)])
def test_junk_before_the_header_is_skipped(junk, tmp_path):
    """Up to 1,024 bytes (ISO 32000-1, implementation note 13); a tail besides."""
    data = junk + small_pdf(2)
    assert len(rebuilt(data, tmp_path).pages) == 2
    assert len(rebuilt(data + bytes(3000), tmp_path).pages) == 2


def test_a_shifted_table_is_no_cut(tmp_path):
    """Edited by hand: offsets are wrong, the end is there, no page is missing."""
    data = small_pdf(2).replace(b"1 0 obj\n", b"1 0 obj\n   ", 1)
    assert len(rebuilt(data, tmp_path).pages) == 2


def test_the_tail_does_not_travel(tmp_path):
    """The rebuilt file is that of the file without it."""
    plain = rebuilt(odd_pdfs.scan(), tmp_path)
    tailed = rebuilt(odd_pdfs.scan() + b"SECRET" * 1000, tmp_path)
    assert plain.sha256 == tailed.sha256
    left = {path.name for path in tailed.path.parent.iterdir()}
    assert "without-tail.pdf" not in left
