"""What a file is called that holds nothing of ours: each mark was looked for."""

import base64
import zipfile
from email.message import EmailMessage
from io import BytesIO

import pytest

from storage.domain.budget import SearchBudget
from storage.domain.findings import Finding
from storage.domain.kinds import kind_of

PDF = b"%PDF-1.7\n" + bytes(range(256)) * 90 + b"\nstartxref\n9\n%%EOF\n"


def zipped(*names, content=PDF, how=zipfile.ZIP_STORED):
    out = BytesIO()
    with zipfile.ZipFile(out, "w", how) as package:
        for name in names:
            package.writestr(name, content)
    return out.getvalue()


def open_document():
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        package.writestr("content.xml", "<office/>")
    return out.getvalue()


def mail(first="From", **headers):
    message = EmailMessage()
    for name, value in {first: "a@example.org", "Subject": "x", **headers}.items():
        message[name] = value
    message.set_content("Xin chào")
    message.add_attachment(PDF, "application", "pdf", filename="a.pdf")
    return message.as_bytes()


COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1000)
KINDS = {
    "Word": (zipped("[Content_Types].xml", "word/document.xml"), Finding.OFFICE_FILE),
    "Excel, its types last": (
        zipped("xl/workbook.xml", "[Content_Types].xml"),
        Finding.OFFICE_FILE,
    ),
    "PowerPoint": (zipped("_rels/.rels", "ppt/a.xml"), Finding.OFFICE_FILE),
    "OpenDocument": (open_document(), Finding.OFFICE_FILE),
    "old Word": (COMPOUND, Finding.OFFICE_FILE),
    "rich text": (b"{\\rtf1 x}", Finding.OFFICE_FILE),
    "ZIP of a PDF": (zipped("ban-sao.pdf"), Finding.PACKED),
    "deflated": (zipped("a.pdf", how=zipfile.ZIP_DEFLATED), Finding.PACKED),
    "ZIP of a Word file": (
        zipped("don.docx", content=zipped("[Content_Types].xml")),
        Finding.PACKED,
    ),
    "a folder called word": (zipped("hồ sơ/word/a.pdf"), Finding.PACKED),
    "empty ZIP": (b"PK\x05\x06" + bytes(18), Finding.PACKED),
    "cut ZIP": (zipped("a.bin", content=b"x" * 5000)[:-60], Finding.PACKED),
    "RAR": (b"Rar!\x1a\x07\x01\x00" + bytes(99), Finding.PACKED),
    "7z": (b"7z\xbc\xaf\x27\x1c" + bytes(99), Finding.PACKED),
    "gzip": (b"\x1f\x8b\x08" + bytes(99), Finding.PACKED),
    "message": (mail(), Finding.MAIL),
    "message by its trace": (mail("Return-Path"), Finding.MAIL),
    "mailbox": (b"From a@b Mon Nov 23\n" + mail(), Finding.MAIL),
    "Outlook": (
        COMPOUND + "__properties_version1.0".encode("utf-16-le"),
        Finding.MAIL,
    ),
    "page": (b"\xef\xbb\xbf\n<!DOCTYPE HTML>\n<html>", Finding.WEB_PAGE),
    "page behind a comment": (b"<!-- saved from -->\n<html lang=vi>", Finding.WEB_PAGE),
    "MHTML": (
        b"From: <Saved>\nSnapshot-Content-Location: x\nSubject: y\n",
        Finding.WEB_PAGE,
    ),
    "message around a bare PDF": (mail() + b"\n" + PDF, Finding.MAIL),
    "page around a bare PDF": (b"<html><body>" + PDF + b"</body>", Finding.WEB_PAGE),
    "a PDF behind a few letters": (b"Luu y\n" + PDF, Finding.UNSIGNED_PDF),
    "base64": (base64.encodebytes(PDF), Finding.ENCODED),
    "JSON": (b'{"file": "' + base64.b64encode(PDF) + b'"}', Finding.ENCODED),
    "a note": (b"Giay khai sinh: ban sao", Finding.UNKNOWN_FORMAT),
    "a note with a colon": (b"Subject: one field only\n\nx", Finding.UNKNOWN_FORMAT),
    "noise": (b"\x00\x01From: a\nTo: b\n", Finding.UNKNOWN_FORMAT),
    "a PDF in a false ZIP": (b"PK\x03\x04" + PDF, Finding.UNSIGNED_PDF),
    "a PDF with a ZIP behind": (PDF + zipped("a"), Finding.UNSIGNED_PDF),
}


@pytest.mark.parametrize("what", KINDS)
def test_a_file_is_called_what_it_is(what):
    """A sentence that names a cause has looked for that cause."""
    data, kind = KINDS[what]
    assert kind_of(data, SearchBudget()) is kind
