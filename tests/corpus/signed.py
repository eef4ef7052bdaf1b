"""Files that strangers signed: real signatures by pyHanko's signer, under authorities
that nobody here knows, and what becomes of such files on their way.

Not to be called while an event loop runs: pyHanko's signer brings its own.
"""

import io
import re
import zlib
from collections.abc import Callable
from functools import cache
from typing import Any

import pikepdf
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.timestamps import DummyTimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

from corpus import scans, strangers_pki
from corpus.strangers_pki import SIGNED, Holder

CONTENTS = re.compile(rb"/Contents <([0-9a-fA-F]+)>")


@cache
def unsigned() -> bytes:
    return scans.small_pdf()


def signer(
    who: Holder, *, pss: bool = False, chain: tuple[Holder, ...] | None = None
) -> signers.SimpleSigner:
    above = (
        (strangers_pki.authority(), strangers_pki.root()) if chain is None else chain
    )
    store = SimpleCertificateStore()
    store.register_multiple([one.asn1_certificate for one in above])
    return signers.SimpleSigner(
        who.asn1_certificate, who.asn1_key, store, prefer_pss=pss
    )


def stamper() -> DummyTimeStamper:
    tsa = strangers_pki.tsa()
    store = SimpleCertificateStore()
    store.register(strangers_pki.authority().asn1_certificate)
    return DummyTimeStamper(tsa.asn1_certificate, tsa.asn1_key, store, fixed_dt=SIGNED)


def sign(
    data: bytes,
    who: signers.SimpleSigner,
    *,
    field: str = "Chu ky 1",
    stamped: bool = False,
    digest: str = "sha256",
    **options: Any,
) -> bytes:
    writer = IncrementalPdfFileWriter(io.BytesIO(data), strict=False)
    options = {"subfilter": SigSeedSubFilter.PADES} | options
    metadata = signers.PdfSignatureMetadata(
        field_name=field, md_algorithm=digest, **options
    )
    output = signers.sign_pdf(
        writer, metadata, signer=who, timestamper=stamper() if stamped else None
    )
    return output.getvalue()


@cache
def plain() -> bytes:
    """Adobe's first kind: CMS over the bytes, the signing time as an attribute."""
    subfilter = SigSeedSubFilter.ADOBE_PKCS7_DETACHED
    return sign(
        unsigned(),
        signer(strangers_pki.person()),
        subfilter=subfilter,
        reason="Tôi đồng ý",
        location="Đà Lạt",
    )


@cache
def stamped() -> bytes:
    """PAdES B-T."""
    return sign(unsigned(), signer(strangers_pki.person()), stamped=True)


@cache
def by_algorithm(algorithm: str) -> bytes:
    pss = algorithm == "rsa-pss"
    key = "rsa" if pss else algorithm
    digest = "sha512" if algorithm == "ed25519" else "sha256"
    return sign(unsigned(), signer(strangers_pki.person(key), pss=pss), digest=digest)


@cache
def signed_and_sealed() -> bytes:
    """A person signed, then an office put its seal."""
    return sign(plain(), signer(strangers_pki.office()), field="Con dau")


@cache
def seal_by_statement() -> bytes:
    return sign(unsigned(), signer(strangers_pki.sealing_office()))


@cache
def form() -> bytes:
    """A scan with a field to be filled in, and one to be signed."""
    with pikepdf.open(io.BytesIO(unsigned())) as pdf:
        field = pdf.make_indirect(
            pikepdf.Dictionary(
                FT=pikepdf.Name.Tx,
                T="Ghi chu",
                V="",
                Type=pikepdf.Name.Annot,
                Subtype=pikepdf.Name.Widget,
                Rect=[50, 50, 200, 70],
            )
        )
        pdf.pages[0].Annots = pdf.make_indirect(pikepdf.Array([field]))
        pdf.Root.AcroForm = pdf.make_indirect(
            pikepdf.Dictionary(Fields=pdf.make_indirect(pikepdf.Array([field])))
        )
        written = io.BytesIO()
        pdf.save(written, linearize=False)
        return written.getvalue()


@cache
def certified() -> bytes:
    """The signer allows forms to be filled, nothing else (DocMDP 2)."""
    return sign(
        form(),
        signer(strangers_pki.person()),
        certify=True,
        docmdp_permissions=MDPPerm.FILL_FORMS,
    )


@cache
def certified_then_filled() -> bytes:
    writer = IncrementalPdfFileWriter(io.BytesIO(certified()), strict=False)
    field = next(
        one.get_object()
        for one in writer.root["/AcroForm"]["/Fields"]
        if one.get_object()["/T"] == "Ghi chu"
    )
    field["/V"] = generic.pdf_string("đã xem")
    writer.update_container(field)
    return _written(writer)


@cache
def text_added() -> bytes:
    """Signed; later somebody wrote words over the first page."""
    writer = IncrementalPdfFileWriter(io.BytesIO(plain()), strict=False)
    words = generic.StreamObject(stream_data=b"BT /F1 40 Tf 40 400 Td (Khac) Tj ET")
    page_reference, _ = writer.find_page_for_modification(0)
    page = page_reference.get_object()
    before = page.raw_get("/Contents")
    page["/Contents"] = generic.ArrayObject([before, writer.add_object(words)])
    writer.update_container(page)
    return _written(writer)


@cache
def bytes_altered() -> bytes:
    """One byte of the scan is another one; the signature stays."""
    data = bytearray(plain())
    at = data.index(b"stream\n") + 600
    data[at] ^= 0x20
    return bytes(data)


@cache
def signature_altered() -> bytes:
    """The last byte of the signature value: the digest still fits."""
    return _with_contents(plain(), _flipped_signature)


@cache
def self_signed() -> bytes:
    who = signer(strangers_pki.self_signed_person(), chain=())
    return sign(unsigned(), who)


@cache
def without_issuers() -> bytes:
    """Only the signer's own certificate is in the file."""
    return sign(unsigned(), signer(strangers_pki.person(), chain=()))


@cache
def expired() -> bytes:
    return sign(unsigned(), signer(strangers_pki.expired_person()))


@cache
def only_stamped() -> bytes:
    """A document timestamp and no signature."""
    writer = IncrementalPdfFileWriter(io.BytesIO(unsigned()), strict=False)
    output = signers.PdfTimeStamper(stamper()).timestamp_pdf(writer, "sha256")
    return output.getvalue()


@cache
def broken_cms() -> bytes:
    return _with_contents(plain(), lambda cms: b"\x30\x82\x7f\xff" + cms[4:])


@cache
def hidden_gap() -> bytes:
    """Bytes hide in the gap: the range leaves out more than the signature."""
    data = bytearray(plain())
    found = CONTENTS.search(data)
    end = found.end(1)
    # The last hexadecimal digits are padding: a comment takes their place.
    data[end - 40 : end + 1] = b"> /X (hidden from the signature..) " + b" " * 6
    return bytes(data)


@cache
def overlapping_range() -> bytes:
    return _with_range(plain(), lambda a, b: (0, b, a, b))


@cache
def range_beyond_the_end() -> bytes:
    return _with_range(plain(), lambda a, b: (0, a, b, 99_999_999))


@cache
def many_signatures(count: int = 22) -> bytes:
    data = unsigned()
    for number in range(count):
        who = signer(strangers_pki.person())
        data = sign(data, who, field=f"Chu ky {number:02}")
    return data


@cache
def many_fields(count: int = 10_000) -> bytes:
    """As many fields, all showing the same signature."""
    writer = IncrementalPdfFileWriter(io.BytesIO(plain()), strict=False)
    listed = writer.root["/AcroForm"]["/Fields"]
    value = listed[0].get_object().raw_get("/V")
    for number in range(count):
        field = generic.DictionaryObject(
            {
                generic.pdf_name("/FT"): generic.pdf_name("/Sig"),
                generic.pdf_name("/T"): generic.pdf_string(f"f{number}"),
                generic.pdf_name("/V"): value,
            }
        )
        listed.append(writer.add_object(field))
    writer.update_container(listed)
    return _written(writer)


@cache
def harmful_names() -> bytes:
    """Names that turn the direction of writing, end a line, or never end."""
    trick = "Sở Tư pháp\u202egnuhc gnôc\x07\x1b[31m\n<b>\u2066" + "dài" * 200
    who = strangers_pki.self_signed_person()
    return sign(
        unsigned(), signer(who, chain=()), reason=trick, location=trick, field="x"
    )


def with_addresses(base: str) -> bytes:
    return sign(unsigned(), signer(strangers_pki.person_with_addresses(base)))


@cache
def encrypted() -> bytes:
    """Signed, then put under a password by a tool: opens with no password."""
    return _encrypted(user="")


@cache
def locked() -> bytes:
    return _encrypted(user="bi mat")


@cache
def form_removed() -> bytes:
    """The signature's bytes are in it; no form leads there any more."""
    return plain().replace(b"/AcroForm", b"/AcroFurm")


def _encrypted(*, user: str) -> bytes:
    with pikepdf.open(io.BytesIO(plain())) as pdf:
        written = io.BytesIO()
        pdf.save(written, encryption=pikepdf.Encryption(owner="x", user=user))
        return written.getvalue()


def _with_contents(data: bytes, change: Callable[[bytes], bytes]) -> bytes:
    found = CONTENTS.search(data)
    raw = bytes.fromhex(found[1].decode())
    changed = change(raw)
    assert len(changed) == len(raw)
    return data[: found.start(1)] + changed.hex().encode() + data[found.end(1) :]


def _flipped_signature(cms: bytes) -> bytes:
    """ECDSA's value stands last in a plain CMS, before the padding."""
    end = len(cms.rstrip(b"\0"))
    return cms[: end - 1] + bytes([cms[end - 1] ^ 1]) + cms[end:]


def _with_range(data: bytes, change: Callable[[int, int], tuple[int, ...]]) -> bytes:
    found = re.search(rb"/ByteRange \[0 (\d+) (\d+) (\d+)\] *", data)
    numbers = change(int(found[1]), int(found[2]))
    byte_range = b"/ByteRange [%d %d %d %d]" % numbers
    return data[: found.start()] + byte_range.ljust(len(found[0])) + data[found.end() :]


def _written(writer: IncrementalPdfFileWriter) -> bytes:
    output = io.BytesIO()
    writer.write(output)
    return output.getvalue()


@cache
def nested(depth: int = 100_000) -> bytes:
    """Brackets in brackets where the form's fields should be."""
    deep = b"[" * depth + b"]" * depth
    return _one_object_pdf(b"<</Type/Catalog/AcroForm<</Fields " + deep + b">>>>")


@cache
def circular() -> bytes:
    """A field that is its own child."""
    return _one_object_pdf(
        b"<</Type/Catalog/AcroForm<</Fields[2 0 R]>>>>",
        b"<</FT/Sig/T(a)/Kids[2 0 R]/Parent 2 0 R/V 2 0 R/ByteRange[0 1 2 3]>>",
    )


@cache
def inflating() -> bytes:
    """The table of objects is a stream that grows to 400 MB."""
    packer = zlib.compressobj(9)
    grown = (packer.compress(bytes(1 << 20)) for _ in range(400))
    bomb = b"".join(grown) + packer.flush()
    head = (
        b"<</Type/XRef/W[1 2 1]/Size 99999999/Root 1 0 R/Filter/FlateDecode"
        b"/ByteRange[0 1 2 3]/Length %d>>" % len(bomb)
    )
    body = b"%PDF-1.7\n1 0 obj\n" + head + b"stream\n" + bomb + b"\nendstream\nendobj\n"
    return body + b"startxref\n9\n%%EOF\n"


@cache
def large(size: int = 100_000_000) -> bytes:
    """A signed file of this size: one stream that no page shows."""
    with pikepdf.open(io.BytesIO(unsigned())) as pdf:
        pdf.Root.Ballast = pdf.make_stream(bytes(range(250)) * (size // 250))
        written = io.BytesIO()
        pdf.save(written, compress_streams=False, stream_decode_level=None)
    return sign(written.getvalue(), signer(strangers_pki.person()))


def _one_object_pdf(*objects: bytes) -> bytes:
    data = b"%PDF-1.7\n"
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(len(data))
        data += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    count = len(objects) + 1
    head = b"xref\n0 %d\n0000000000 65535 f \n" % count
    tail = b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n"
    return data + head + table + tail % (count, len(data))


@cache
def with_usage_rights() -> bytes:
    """The same signature also opens functions of one maker's reader (/UR3)."""
    writer = IncrementalPdfFileWriter(io.BytesIO(plain()), strict=False)
    field = writer.root["/AcroForm"]["/Fields"][0].get_object()
    rights = generic.DictionaryObject({generic.pdf_name("/UR3"): field.raw_get("/V")})
    writer.root["/Perms"] = rights
    writer.update_root()
    return _written(writer)


@cache
def hybrid() -> bytes:
    """Signed, then one more revision with two tables of objects (7.5.8.4)."""
    data = plain()
    before = int(re.findall(rb"startxref\s+(\d+)", data)[-1])
    size = int(re.findall(rb"/Size (\d+)", data)[-1])
    root = re.findall(rb"/Root (\d+ 0 R)", data)[-1]
    place = len(data) + 1
    entry = b"\x01" + place.to_bytes(4, "big") + b"\x00"
    stream = b"\n%d 0 obj\n<</Type/XRef/W[1 4 1]/Index[%d 1]/Size %d/Root %b/Length 6>>"
    data += stream % (size, size, size + 1, root)
    data += b"stream\n" + entry + b"\nendstream\nendobj\n"
    table = len(data)
    data += b"xref\n0 0\ntrailer\n<</Size %d/Root %b/Prev %d/XRefStm %d>>\n" % (
        size + 1,
        root,
        before,
        place,
    )
    return data + b"startxref\n%d\n%%%%EOF\n" % table


@cache
def old_format() -> bytes:
    """The encoding before CMS over the range: only its name is needed here."""
    old = b"/SubFilter /adbe.pkcs7.sha1"
    return plain().replace(b"/SubFilter /adbe.pkcs7.detached", old.ljust(31))


@cache
def borrowed_gap() -> bytes:
    """A later dictionary names the range of an earlier signature, whose gap holds other
    bytes than it does.
    """
    writer = IncrementalPdfFileWriter(io.BytesIO(plain()), strict=False)
    value = writer.root["/AcroForm"]["/Fields"][0].get_object()["/V"]
    cms = bytearray(value["/Contents"].original_bytes)
    cms[-1] ^= 1
    value["/Contents"] = generic.ByteStringObject(bytes(cms))
    writer.update_container(value)
    return _written(writer)
