"""Only a living signature makes a file an electronic original."""

import pytest
from pikepdf import Array, Dictionary, Name, String

from corpus import odd_pdfs
from corpus.odd_pdfs import orphan_signature, permitted, signature, signed
from support.rebuilding import refusal


def emptied(length):
    """A signature's dictionary with nothing but zeros for its content."""
    made = signature()
    made.Contents = String(bytes(length))
    return made


def on_page_only():
    """A signature field that the form forgot."""

    def edit(pdf, page):
        widget = Dictionary(
            Type=Name.Annot,
            Subtype=Name.Widget,
            FT=Name.Sig,
            Rect=Array([0, 0, 0, 0]),
            V=pdf.make_indirect(signature()),
        )
        page.Annots = Array([pdf.make_indirect(widget)])

    return odd_pdfs.scan(edit=edit)


def deep():
    """A field within a field within a field; its value hangs at the top."""

    def edit(pdf, _):
        field = pdf.make_indirect(Dictionary(V=pdf.make_indirect(signature())))
        for name in ("c", "b", "a"):
            above = pdf.make_indirect(Dictionary(Kids=Array([field]), T=String(name)))
            field.Parent = above
            field = above
        field.FT = Name.Sig
        pdf.Root.AcroForm = Dictionary(Fields=Array([field]))

    return odd_pdfs.scan(edit=edit)


LIVING = {
    "signature": signed(signature()),
    "nested, type inherited": signed(signature(), nested_field=True),
    "deep": deep(),
    "on the page only": on_page_only(),
    "document timestamp": signed(signature(kind=Name.DocTimeStamp)),
    "certification": permitted("/DocMDP"),
}
DEAD = {
    "usage rights": permitted("/UR3"),
    "older usage rights": permitted("/UR"),
    "empty permissions": permitted(None),
    "certification without content": permitted("/DocMDP", emptied(0)),
    "empty field": signed(None),
    "empty nested field": signed(None, nested_field=True),
    "field with empty content": signed(emptied(0)),
    "room for a signature": signed(emptied(2048)),
    "removed signature": orphan_signature(),
}


@pytest.mark.parametrize("name", LIVING)
def test_a_living_signature_is_refused(name, tmp_path):
    """Wherever a verifier would find it."""
    assert refusal(LIVING[name], tmp_path) == "already-signed"


@pytest.mark.parametrize("name", DEAD)
def test_what_signs_nothing_is_taken(name, tmp_path):
    """A licence of Acrobat's, an empty place, what was taken out."""
    assert refusal(DEAD[name], tmp_path) == "accepted"
