"""A draft is read as our composer has it written, or not at all."""

import io

import pikepdf
import pytest

from chassis.clock import utc_now
from signing.adapters.composer import compose
from signing.adapters.pdf.draft_reader import NotOurDraftError
from signing.adapters.pdf.increments import GrowingPdf
from signing.domain.copies import OrderedOriginal
from signing.domain.rope import MemoryOctets, Rope
from support import build
from support.originals import full_page, jpeg, original_of


@pytest.fixture(scope="module")
def draft():
    content, manifest = original_of([full_page(jpeg())])
    order = build.ordered(manifest=manifest)
    original = OrderedOriginal(MemoryOctets(content), order.original.sha256)
    return bytes(compose(original, order, utc_now()).content)


def test_it_is_read_as_qpdf_reads_it(draft):
    """Catalog, form, fields, numbers and /ID: the same text, the same values."""
    read = GrowingPdf(Rope([MemoryOctets(draft)]))
    with pikepdf.open(io.BytesIO(draft)) as pdf:
        form = pdf.Root.AcroForm
        assert read.catalog + b">>" == pdf.Root.unparse(resolved=True)
        assert read.form[0] == form.objgen[0]
        assert read.form[1] + b">>" == form.unparse(resolved=True)
        for field in form.Fields:
            number, text = read.fields[str(field.T)]
            assert number == field.objgen[0]
            assert text + b">>" == field.unparse(resolved=True)
        assert (read.root, read.size) == (pdf.Root.objgen[0], int(pdf.trailer.Size))
        assert read.identifier == bytes(pdf.trailer.ID[0])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"startxref", b"startxxxx"),
        (b"trailer << /Info", b"trailer << /Prev"),
        (b"xref\n0 ", b"xxxx\n0 "),
        (b"/Fields [", b"/Feilds ["),
        (b"/Lang (vi)", b"/DSS 1 0 R"),
        (b"/AcroForm 3 0 R", b"/AcroForm 0 0 R"),
        (b"/AcroForm 3 0 R", b"/AcroFrom 3 0 R"),
        (b"/Lang (vi) /Metadata", b"/AcroForm 3 0 R     "),
        (b"/Lang (vi)", b"/Perms (v)"),
        (b"/T (Seal) ", b"/V (Seal) "),
        (b"1 0 obj\n<<", b"1 0 obj\n[<"),
    ],
)
def test_anything_else_is_refused(draft, old, new):
    changed = draft.replace(old, new)
    assert changed != draft
    with pytest.raises(NotOurDraftError):
        GrowingPdf(Rope([MemoryOctets(changed)]))


def test_a_file_of_another_writer_is_refused(draft):
    """Even the same document, written once more with object streams."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(draft)) as pdf:
        pdf.save(out, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    with pytest.raises(NotOurDraftError):
        GrowingPdf(Rope([MemoryOctets(out.getvalue())]))
