"""One reader decides which page is which, and only its copy is ever drawn."""

import io
from collections.abc import Callable

import pikepdf
import pytest
from pikepdf import Array, Name

from corpus import odd_pdfs
from corpus.odd_pdfs import WORDS, book, book_with_kids, picture
from support.rebuilding import done, rebuilt, refusal
from support.scans import difference, looks

Kids = Callable[[list[bytes]], list[bytes]]

TREES: dict[str, Kids] = {
    "plain": lambda k: k,
    "null first": lambda k: [b"null", *k],
    "null in the middle": lambda k: [k[0], b"null", *k[1:]],
    "absent": lambda k: [k[0], b"99 0 R", *k[1:]],
    "numbers": lambda k: [k[0], b"17", *k[1:]],
}


def words(file):
    """Which picture each page shows, by its looks."""
    pictures = {word: picture(word) for word in WORDS}
    return [_nearest(page, pictures) for page in looks(file.path, width=620)]


def _nearest(page, pictures):
    return min(pictures, key=lambda word: difference(page, pictures[word]))


@pytest.mark.parametrize("tree", TREES)
def test_a_hole_in_the_page_tree_moves_no_page(tree, tmp_path):
    """ONE, TWO, THREE, whatever stands between them; the third one is rendered."""
    file = rebuilt(book_with_kids(TREES[tree]), tmp_path)
    assert words(file) == list(WORDS)
    assert done(file) == ["lifted", "lifted", "rendered"]


def test_a_file_with_a_shifted_table_keeps_its_order(tmp_path):
    """Both libraries would repair it, each in its own way."""
    raw = book_with_kids(TREES["absent"]).replace(b"/Kids [ ", b"/Kids [ null ", 1)
    file = rebuilt(raw, tmp_path)
    assert words(file) == list(WORDS)


@pytest.mark.parametrize("mode", ["RGB", "CMYK"])
@pytest.mark.parametrize("drawn", [0, 1, 2])
def test_each_way_of_keeping_a_page_keeps_its_place(drawn, mode, tmp_path):
    """Lifted, encoded anew (CMYK) and rendered pages in one file."""
    data = _holed(book(rendered=drawn, mode=mode))
    file = rebuilt(data, tmp_path)
    assert words(file) == list(WORDS)
    other = "lifted" if mode == "RGB" else "re-encoded"
    assert done(file) == ["rendered" if k == drawn else other for k in range(3)]


def _holed(data):
    pdf = pikepdf.open(io.BytesIO(data))
    kids = list(pdf.Root.Pages.Kids)
    pdf.Root.Pages.Kids = Array([kids[0], pdf.make_indirect(17), *kids[1:]])
    return odd_pdfs.saved(pdf)


@pytest.mark.parametrize(
    "count", ["", "0", "1", "2", "3", "4", "7", "-1", "/X", "null"]
)
def test_a_false_count_neither_hides_nor_adds_pages(count, tmp_path):
    """The tree is whole, so its /Count is only a careless writer's number."""
    file = rebuilt(book_with_kids(TREES["plain"], count), tmp_path)
    assert words(file) == list(WORDS)


@pytest.mark.parametrize("tree", ["null in the middle", "absent", "numbers"])
def test_a_page_that_is_missing_is_damage(tree, tmp_path):
    """/Count says four, and there is a hole where the fourth one was."""
    assert refusal(book_with_kids(TREES[tree], "4"), tmp_path) == "damaged"


def test_a_page_named_twice_comes_twice(tmp_path):
    """Shared kids: as qpdf reads them."""
    data = book_with_kids(lambda k: [k[0], k[1], k[0], k[2]], "4")
    assert words(rebuilt(data, tmp_path)) == ["ONE", "TWO", "ONE", "THREE"]


def test_nodes_within_nodes_pass_on_what_they_have(tmp_path):
    """Resources, box and turn of page TWO hang at its parent."""
    file = rebuilt(book(odd_pdfs.nested), tmp_path)
    assert [page.rotation for page in file.manifest] == [0, 90, 0]
    assert [(page.width, page.height) for page in file.manifest] == [odd_pdfs.A6] * 3
    assert done(file) == ["lifted", "lifted", "rendered"]


def test_a_page_tree_that_loops_ends(tmp_path):
    """A node that is its own kid is refused, and soon."""

    def loop(pdf, pages):
        pdf.Root.Pages.Kids = Array([pages[0], pdf.Root.Pages, pdf.Root.Pages])

    assert refusal(book(loop), tmp_path) == "damaged"


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_rendered_page_is_drawn_from_the_copy(turn, tmp_path):
    """Every inherited thing is at the page in the working copy: turn, box, content."""

    def split(pdf, page):
        parts = (odd_pdfs.FULL, odd_pdfs.LINE)
        page.Contents = Array([pdf.make_stream(part.encode()) for part in parts])

    source = odd_pdfs.scan(edit=split, Rotate=turn)
    file = rebuilt(source, tmp_path)
    (tmp_path / "before.pdf").write_bytes(source)
    (before,), (after,) = looks(tmp_path / "before.pdf"), looks(file.path)
    assert file.manifest[0].rotation == turn
    assert before.size == after.size
    assert difference(before, after) < 3


def test_an_image_is_decoded_alone(tmp_path):
    """The image that pdfium counts as second is the one that the page draws first:
    a page names an image that it never draws, and draws another one twice.
    """
    image, other = picture("ONE").convert("CMYK"), picture("TWO").convert("CMYK")
    content = "q 297 0 0 842 0 0 cm /Im1 Do Q q 298 0 0 842 297 0 cm /Im0 Do Q"
    data = odd_pdfs.scan(content, images=[image, other])
    file = rebuilt(data, tmp_path)
    assert done(file) == ["re-encoded"]
    (tmp_path / "before.pdf").write_bytes(data)
    (before,), (after,) = looks(tmp_path / "before.pdf"), looks(file.path)
    assert difference(before, after) < 3


def test_the_working_copy_is_gone_at_the_end(tmp_path):
    """Only the rebuilt file, its pictures and the report are left."""
    file = rebuilt(book(mode="CMYK"), tmp_path)
    left = {path.name for path in file.path.parent.iterdir()}
    pictures = {
        f"{n:04}.{kind}.jpg" for n in (1, 2, 3) for kind in ("preview", "thumb")
    }
    assert left == pictures | {"confined", "pages.pdf", "report.json"}


def test_layers_that_are_off_stay_off(tmp_path):
    """A hidden layer counts neither as a scan nor as visible; a shown one does."""

    def layers(pdf, page):
        group = pdf.make_indirect(
            pikepdf.Dictionary(Type=Name.OCG, Name=pikepdf.String("a"))
        )
        page.Resources.Properties = pikepdf.Dictionary(L=group)
        settings = pikepdf.Dictionary(OFF=Array([group]))
        pdf.Root.OCProperties = pikepdf.Dictionary(OCGs=Array([group]), D=settings)

    off = f"{odd_pdfs.FULL} /OC /L BDC 0 0 0 rg 0 0 595 842 re f EMC"
    file = rebuilt(odd_pdfs.scan(off, edit=layers), tmp_path)
    assert done(file) == ["rendered"]
    assert difference(looks(file.path)[0], picture()) < 6
    hidden = f"/OC /L BDC {odd_pdfs.FULL} EMC BT /F1 20 Tf 60 700 Td (Typed) Tj ET"
    assert refusal(odd_pdfs.scan(hidden, edit=layers), tmp_path) == "born-digital"


def test_one_image_on_many_pages_is_read_once(tmp_path):
    """200 pages that draw one scan: read, judged and shown once, so soon done."""
    file = rebuilt(odd_pdfs.repeated(200), tmp_path)
    assert len({page.images[0].sha256 for page in file.manifest}) == 1
    assert len(file.previews) == len(file.pages) == 200
    assert file.previews[0].read_bytes() == file.previews[199].read_bytes()
