"""The verdict of an uploaded file: every row of the table in the copy's contract."""

import mmap
import random
import re
import zipfile
import zlib
from functools import cache
from hashlib import sha256
from io import BytesIO

import pikepdf
import pytest
from PIL import Image

from ecopy.identifiers import Sha256
from storage.domain.findings import Finding
from storage.domain.gate import compile_trust
from storage.domain.gate.cms.der import oid
from storage.domain.records import Records, Stored, settle
from storage.domain.verdict import (
    Archived,
    Verdict,
    VerdictCode,
    prefixes,
)
from support.forgeries.outsiders import TOKEN_ATTRIBUTE
from support.forging.base import PAGES, WORDS
from support.forging.case import ends, flip, holes, sound
from support.forging.copy import PINS, append, good
from support.forging.order import ENTRY
from support.forging.pki import ours, strangers, trust_document
from support.settings import share
from support.verdicts import verdict_on

GENUINE, WITHDRAWN = VerdictCode.GENUINE, VerdictCode.WITHDRAWN
CHANGED, FOREIGN = VerdictCode.CHANGED, VerdictCode.FOREIGN
UNREADABLE = VerdictCode.UNREADABLE
ESSENTIAL = oid("1.2.840.113549.1.9.16.2.47")


@cache
def trust():
    return compile_trust(trust_document(ours(), PINS))


def verdict(data, *, withdrawn=False):
    """Of any bytes, when one good copy is archived."""
    archive: dict[Sha256, Archived] = {
        sha256(sound()).hexdigest(): Archived(ENTRY, withdrawn=withdrawn)
    }
    found = prefixes(data)
    known = {digest: archive[digest] for digest in found.all if digest in archive}
    outcome = verdict_on(data, archived=known, trust=trust())
    records = Records(order=good().order, listed=True, stored=stored(sound(), outcome))
    return settle(data, outcome, whole=found.whole, records=records, trust=trust())


def stored(archived, outcome):
    """What the archive says of a copy, as it is asked for this file."""
    upto = outcome.alone.signed_end if outcome.alone else 0
    return Stored(sha256(archived).hexdigest(), sha256(archived[:upto]).hexdigest())


# --- ours ---------------------------------------------------------------------------


def test_our_copy_is_genuine():
    """Bit by bit an archived copy, and nothing else, is genuine."""
    assert verdict(sound()) == Verdict(GENUINE, Finding.ARCHIVED, ENTRY)


def test_our_withdrawn_copy_is_withdrawn():
    """The same bytes, told apart by the catalogue."""
    outcome = verdict(sound(), withdrawn=True)
    assert outcome == Verdict(WITHDRAWN, Finding.ARCHIVED, ENTRY)


def in_object(data, number, inside):
    start = data.index(b"\n%d 0 obj\n" % number)
    return flip(data, data.index(b"stream\n", start) + 7 + inside)


def in_token(data):
    """A digit of each CMS's timestamp: unsigned."""
    for start, end in holes(data):
        at = data.index(TOKEN_ATTRIBUTE.hex().encode(), start, end) + 200
        data = (
            data[:at] + (b"0" if data[at : at + 1] != b"0" else b"1") + data[at + 1 :]
        )
    return data


def in_frame(data):
    """The first digits of each CMS: no parser would get in."""
    for start, _ in holes(data):
        data = data[:start] + b"ffffffff" + data[start + 8 :]
    return data


@pytest.mark.parametrize(
    "change",
    [
        lambda d: in_object(d, 21, 500),
        lambda d: in_object(d, WORDS, 50),
        in_token,
        in_frame,
    ],
    ids=["image", "clause", "token", "frame"],
)
def test_one_byte_changed_is_changed(change):
    """In an image, in the clause, in the unsigned parts of a CMS."""
    outcome = verdict(change(sound()))
    assert (outcome.code, outcome.finding) == (CHANGED, Finding.OUR_SIGNATURE)
    assert set(outcome.signers) == {ours().officer.sha256, ours().seal.sha256}


APPENDED = {
    "page": [(99, b"<< /Type /Page >>"), (PAGES, b"<< /Kids [ 99 0 R ] >>")],
    "overlay": [(35, b"<< /Subtype /Square >>"), (18, b"<< /Annots [ 35 0 R ] >>")],
    "stamp": [(40, b"<</Type/XObject/Subtype/Form>>")],
}


@pytest.mark.parametrize("what", APPENDED)
def test_something_appended_is_changed(what):
    """An archived copy at the front is named, whatever a revision behind it does."""
    outcome = verdict(append(sound(), APPENDED[what]))
    assert outcome == Verdict(CHANGED, Finding.TRAILING_BYTES, ENTRY)


@pytest.mark.parametrize("tail", [b"\n", b"x", b"%%EOF\n" * 99, b"<html>" * 999])
def test_trailing_bytes_are_changed(tail):
    """Even one byte behind a copy makes it another file."""
    outcome = verdict(sound() + tail)
    assert outcome == Verdict(CHANGED, Finding.TRAILING_BYTES, ENTRY)


@pytest.mark.parametrize("revision", [1, 2], ids=["officer's", "seal's"])
def test_cut_back_is_changed(revision):
    """The officer's revision alone, or both without their store."""
    data = sound()
    assert verdict(data[: ends(data)[revision]]).code is CHANGED


def test_junk_before_is_changed():
    """Shifted bytes: no prefix fits, the signatures are found."""
    assert verdict(b"GIF89a junk\n" + sound()).code is CHANGED


def resaved(**how):
    out = BytesIO()
    with pikepdf.open(BytesIO(sound())) as pdf:
        pdf.save(out, **how)
    return out.getvalue()


@pytest.mark.parametrize(
    "how",
    [
        {},
        {"object_stream_mode": pikepdf.ObjectStreamMode.generate},
        {"linearize": True},
        {"qdf": True},
    ],
    ids=["plain", "object streams", "linearized", "qdf"],
)
def test_resaved_with_its_signatures_is_changed(how):
    """A tool that keeps the fields keeps the CMS, wherever it writes them."""
    assert verdict(resaved(**how)).code is CHANGED


def test_resaved_without_its_signatures_is_foreign():
    """Pages taken over by a tool that drops the form: nothing of ours verifies."""
    out = BytesIO()
    with pikepdf.open(BytesIO(sound())) as pdf:
        for page in pdf.pages:
            del page.obj.Annots
        del pdf.Root.AcroForm, pdf.Root.Perms
        pdf.save(out)
    outcome = verdict(out.getvalue())
    assert (outcome.code, outcome.finding) == (FOREIGN, Finding.UNSIGNED_PDF)


# --- a CMS that survives somewhere ----------------------------------------------------


def cms(which=0):
    start, end = holes(sound())[which]
    return bytes.fromhex(sound()[start:end].decode())


def literal(content):
    return b"".join(
        b"\\%03o" % byte if byte in b"()\\\r\n" or byte < 32 else bytes([byte])
        for byte in content
    )


def folded(content):
    """Hexadecimal in capitals, a line each 32 octets."""
    text = content.hex().upper().encode()
    return b"\n".join(text[i : i + 64] for i in range(0, len(text), 64))


PASTED = {
    "hex": lambda c: b"<< /Contents <" + c.hex().encode() + b"> >>",
    "folded": lambda c: b"<< /Contents <\n" + folded(c) + b"\n> >>",
    "literal": lambda c: b"<< /Contents (" + literal(c) + b") >>",
    "binary": lambda c: b"stream\r\n" + c + b"\r\nendstream",
    "compressed": lambda c: (
        b"<< /Type /ObjStm >>\nstream\n"
        + zlib.compress(b"<< /Contents <" + c.hex().encode() + b"> >>")
        + b"\nendstream"
    ),
    "attached": lambda c: (
        b"stream\r\n" + zlib.compress(b"%PDF-1.7 <" + c.hex().encode() + b">")
    ),
}


@pytest.mark.parametrize("how", PASTED)
def test_our_cms_in_a_strangers_pdf_is_changed(how):
    """Pasted in any writing, it still is a signature under a pinned certificate."""
    data = b"%PDF-1.4\n1 0 obj\n" + PASTED[how](cms()) + b"\nendobj\n%%EOF\n"
    outcome = verdict(data)
    assert (outcome.code, outcome.signers) == (CHANGED, (ours().officer.sha256,))


def test_a_changed_signature_is_not_ours_any_more():
    """A byte of the signed attributes, or of the value, in both: offer the code."""
    for past in (len(ESSENTIAL) + 14, -260):
        data = sound()
        for start, end in holes(data):
            needle = ESSENTIAL if past > 0 else TOKEN_ATTRIBUTE
            at = data.index(needle.hex().encode(), start, end)
            at += 2 * past if past > 0 else -80
            other = b"0" if data[at : at + 1] != b"0" else b"1"
            data = data[:at] + other + data[at + 1 :]
        outcome = verdict(data)
        assert outcome.code in (FOREIGN, UNREADABLE)
        assert outcome.type_its_code


# --- not ours -------------------------------------------------------------------------


def test_a_strangers_signature_is_foreign():
    """The same names under another authority are another's."""
    outcome = verdict(good(strangers()).write())
    assert (outcome.code, outcome.finding) == (FOREIGN, Finding.SIGNED_BY_OTHERS)


def test_our_unsigned_draft_is_foreign():
    """Before the keys it is nobody's."""
    data = sound()
    outcome = verdict(data[: ends(data)[0]])
    assert (outcome.code, outcome.finding) == (FOREIGN, Finding.UNSIGNED_PDF)


def picture(kind):
    out = BytesIO()
    Image.new("RGB", (60, 80), "white").save(out, kind)
    return out.getvalue()


def scanned():
    """A printed copy, scanned again."""
    out = BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(out)
    return out.getvalue()


def word():
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr("word/document.xml", "<w:document/>")
    return out.getvalue()


OTHERS = {
    "rescanned": (scanned, Finding.UNSIGNED_PDF),
    "JPEG": (lambda: picture("JPEG"), Finding.PICTURE),
    "PNG": (lambda: picture("PNG"), Finding.PICTURE),
    "TIFF": (lambda: picture("TIFF"), Finding.PICTURE),
    "WebP": (lambda: picture("WEBP"), Finding.PICTURE),
    "Word": (word, Finding.OFFICE_FILE),
}


@pytest.mark.parametrize("what", OTHERS)
def test_other_peoples_files_are_foreign(what):
    """Scans, pictures and office files: not ours, and the code is offered."""
    make, finding = OTHERS[what]
    outcome = verdict(make())
    assert (outcome.code, outcome.finding, outcome.type_its_code) == (
        FOREIGN,
        finding,
        True,
    )


def encrypted():
    out = BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(out, encryption=pikepdf.Encryption(owner="o", user="u"))
    return out.getvalue()


UNREAD = {
    "encrypted": (encrypted, Finding.ENCRYPTED),
    "random": (lambda: random.Random(3).randbytes(5000), Finding.UNKNOWN_FORMAT),
    "empty": (lambda: b"", Finding.EMPTY),
    "one byte": (lambda: b"%", Finding.UNKNOWN_FORMAT),
    "text": ("Giấy khai sinh".encode, Finding.UNKNOWN_FORMAT),
    "cut before a CMS": (lambda: sound()[:20_000], Finding.CUT_SHORT),
}


@pytest.mark.parametrize("what", UNREAD)
def test_what_cannot_be_read_is_unreadable(what):
    """A sentence, never an error; the code is offered."""
    make, finding = UNREAD[what]
    outcome = verdict(make())
    assert (outcome.code, outcome.finding, outcome.type_its_code) == (
        UNREADABLE,
        finding,
        True,
    )


# --- limits ---------------------------------------------------------------------------


def test_prefixes_are_the_whole_and_each_end():
    """Four ends in a copy, the last of which is the whole; at most 64 in any file."""
    data = sound()
    found = prefixes(data)
    cut = [sha256(data[:end]).hexdigest() for end in ends(data)]
    assert (*found.beginnings, found.whole) == tuple(cut)
    assert len(prefixes(b"%%EOF\n" * 1000 + b"x").beginnings) == 64


def test_a_mapped_file_gets_the_same_verdict(tmp_path):
    """A large upload need not be read into memory."""
    for name, data in {"ours": sound(), "cut": sound()[:-2]}.items():
        path = tmp_path / name
        path.write_bytes(data)
        with (
            path.open("rb") as file,
            mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped,
        ):
            assert verdict(mapped) == verdict(data)


@pytest.mark.drawn
def test_random_files_get_a_verdict_and_no_error():
    """500 edits of a copy by a seeded hand: changed, mostly; never genuine."""
    chance, data = random.Random(95), sound()
    for _ in range(share(500)):
        at, size = chance.randrange(len(data)), chance.choice((1, 9, 5000))
        edited = data[:at] + chance.randbytes(size // 2) + data[at + size :]
        assert verdict(edited).code in (CHANGED, FOREIGN, UNREADABLE)


def test_the_hexadecimal_is_found_only_where_it_stands():
    """The copy without its two strings holds nothing of ours."""
    bare = re.sub(rb"/Contents<[0-9a-f]+>", b"/Contents<00>", sound())
    assert verdict(bare).code is FOREIGN
