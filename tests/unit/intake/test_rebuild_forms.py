"""What a form field shows is in the copy, or the file says why not."""

import pytest
from pikepdf import Array, Dictionary, Name, String

from corpus import odd_pdfs
from corpus.odd_pdfs import RECT, chosen, filled, noted, ticked
from support.rebuilding import done, flags, rebuilt, refusal
from support.scans import looks

VIETNAMESE = "Lò Thị Ban Mai, phường Hoa Ban"


def ink(file):
    """Dark pixels within the field's box on the first page, 595 pixels wide."""
    page = looks(file.path, width=595)[0]
    return dark(page.crop((RECT[0], 842 - RECT[3], RECT[2], 842 - RECT[1])))


def dark(image):
    return sum(image.convert("L").histogram()[:128])


DRAWN = {
    "field and widget in one": filled(),
    "field and widget apart": filled(split=True),
    "outside the form": filled(orphan=True),
    "appearance without a value": filled(value=None),
    "check box": ticked(),
    "radio button": ticked(kind="radio"),
}


@pytest.mark.parametrize("name", DRAWN)
def test_a_field_with_an_appearance_is_in_the_copy(name, tmp_path):
    """As the file draws it, and nobody is asked to compare it twice."""
    file = rebuilt(DRAWN[name], tmp_path)
    assert done(file) == ["rendered"]
    assert ink(file) > 50
    assert "form-values" not in flags(file)


WRITTEN = {
    "no appearance": filled(drawn=None),
    "apart": filled(drawn=None, split=True),
    "outside the form": filled(drawn=None, orphan=True),
    "West European": filled(value="Crédit Lyonnais", drawn=None),
    "brackets": filled(value="(a) \\ b)", drawn=None),
    "longer than its box": filled(value="W" * 90, drawn=None),
    "size left to the viewer": filled(drawn=None, DA=String("/Helv 0 Tf 0 g")),
    "choice": chosen(),
    "viewers draw it anew": filled(drawn="OLD", regenerates=True),
}


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    """Dark pixels of the page without a field."""
    empty = rebuilt(odd_pdfs.scan(), tmp_path_factory.mktemp("bare"))
    return dark(looks(empty.path, width=595)[0])


@pytest.mark.parametrize("name", WRITTEN)
def test_a_value_that_we_draw_is_flagged(name, bare, tmp_path):
    """One line of Western letters, within its box; the clerk compares it."""
    file = rebuilt(WRITTEN[name], tmp_path)
    assert "form-values" in flags(file)
    page = looks(file.path, width=595)[0]
    assert ink(file) > 20
    assert abs(dark(page) - bare - ink(file)) < 40


def test_a_choice_shows_its_label(tmp_path):
    """``vn`` is the export value, ``VIET NAM`` what a person sees: more ink."""
    label, value = chosen("vn"), chosen("lao")
    assert ink(rebuilt(label, tmp_path)) > 1.3 * ink(rebuilt(value, tmp_path))


def test_a_doubtful_appearance_is_flagged(tmp_path):
    """A value that we cannot write, where viewers may show another than is drawn."""
    data = filled(value=VIETNAMESE, drawn="OLD", regenerates=True)
    file = rebuilt(data, tmp_path)
    assert "form-values" in flags(file)
    assert ink(file) > 20


UNDRAWN = {
    "Vietnamese": filled(value=VIETNAMESE, drawn=None),
    "several lines": filled(value="a\nb", drawn=None),
    "multiline field": filled(drawn=None, Ff=1 << 12),
    "comb": filled(drawn=None, Ff=1 << 24, MaxLen=20),
    "password": filled(drawn=None, Ff=1 << 13),
    "rich text": filled(drawn=None, Ff=1 << 25),
    "turned": filled(drawn=None, MK=Dictionary(R=90)),
    "list box": chosen(combo=False),
    "ticked box": ticked(drawn=False),
    "free text": noted(Name.FreeText, Contents=String("Added by hand")),
    "stamp": noted(Name.Stamp),
}


@pytest.mark.parametrize("name", UNDRAWN)
def test_what_nobody_draws_is_refused_in_its_own_words(name, tmp_path):
    """No copy without the value, and none with question marks in a name."""
    assert refusal(UNDRAWN[name], tmp_path) == "not-drawn"


SILENT = {
    "hidden": filled(F=2),
    "no view": filled(F=32),
    "hidden without appearance": filled(value=VIETNAMESE, drawn=None, F=2),
    "empty": filled(value=None, drawn=None),
    "empty value": filled(value="", drawn=None),
    "empty appearance": filled(value=None, drawn=""),
    "empty, drawn anew": filled(value="", drawn="", regenerates=True),
    "box not ticked": ticked(on=False),
    "box not ticked, not drawn": ticked(on=False, drawn=False),
    "radio button not chosen": ticked(on=False, kind="radio"),
    "push button": filled(value=None, drawn=None, FT=Name.Btn, Ff=1 << 16),
    "link": noted(Name.Link),
}


@pytest.mark.parametrize("name", SILENT)
def test_hidden_and_empty_fields_change_nothing(name, tmp_path):
    """The page stays lifted, and no flag speaks of a form."""
    file = rebuilt(SILENT[name], tmp_path)
    assert done(file) == ["lifted"]
    assert not flags(file) & {"form-values", "rendered"}


def test_a_value_that_is_not_of_this_page_is_not_drawn(tmp_path):
    """A field of the form that no page shows is nobody's content."""

    def edit(pdf, _):
        field = pdf.make_indirect(
            Dictionary(FT=Name.Tx, T=String("x"), V=String(VIETNAMESE))
        )
        pdf.Root.AcroForm = Dictionary(Fields=Array([field]))

    assert done(rebuilt(odd_pdfs.scan(edit=edit), tmp_path)) == ["lifted"]


def test_an_xfa_form_is_refused_in_its_own_words(tmp_path):
    """Acrobat shows another page than every other program."""
    assert refusal(odd_pdfs.xfa(), tmp_path) == "xfa-form"


@pytest.mark.parametrize("subtype", [Name.Square, Name.Circle])
def test_a_note_that_pdfium_draws_is_drawn(subtype, tmp_path):
    """Without an appearance, from its colour and its box."""
    file = rebuilt(noted(subtype), tmp_path)
    page = looks(file.path, width=595)[0].crop((90, 690, 460, 750))
    red = sum(1 for r, g, _ in page.get_flattened_data() if r > 150 > g)
    assert done(file) == ["rendered"]
    assert red > 50
