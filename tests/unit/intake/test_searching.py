"""Words are the same for whoever writes them and for whoever looks for them."""

import random
from datetime import date, timedelta

import pytest

from intake.domain import searching
from intake.domain.searching import Place

AGENCY = "H99.42.05.13"


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        ("Nguyễn", "nguyen"),
        ("ĐÀO", "dao"),
        ("H99.42.05.13-261122-0007", "2611220007"),
        ("h9942051326-1122 0007", "261122"),
        ("261122-0007", "2611220007"),
        ("1180/2026", "1180/2026"),
        ("000203004417", "000203004417"),
        ("000 203 004 417", "000203004417"),
        ("0900.000.417", "0900000417"),
        ("+84 900 000 417", "0900000417"),
        ("12/HĐ-UBND", "12/hdubnd"),
        ("H99.42.05.13", "h99420513"),
    ],
)
def test_a_word_is_sought_however_it_is_typed(typed, word):
    """Marks, capitals, dots, dashes, groups of digits, and the agency's own code."""
    assert word in searching.sought(typed, AGENCY)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("Công ty TNHH Gỗ-Mộc", ("cong", "ty", "tnhh", "go", "moc")),
        ("n nguyen", ("nguyen",)),
        ("nguyen nguyen", ("nguyen",)),
        ("12 2026", ("12", "2026")),
        (" % _ ' ", ()),
        (
            "a1 b2 c3 d4 e5 f6 g7 h8 i9",
            ("a1", "b2", "c3", "d4", "e5", "f6", "g7", "h8"),
        ),
    ],
)
def test_what_is_typed_are_beginnings_of_words(typed, words):
    """Each once, none that another says already, and eight at most."""
    assert searching.sought(typed, AGENCY) == words


def test_fields_are_found_by_their_parts_and_as_they_are_joined():
    found = searching.words("Quyết định 12/QĐ-UBND")
    assert found == {"quyet", "dinh", "12", "qd", "ubnd", "12/qdubnd"}
    numbers = searching.number_words("0900 000 417", "261122-0007", "1180/2026", "")
    assert numbers == {"0900000417", "2611220007", "1180/2026"}


def test_pages_have_words_to_a_bound():
    """Those that come first; a line that was taken for one word is found by its
    beginning.
    """
    many = (f"w{n}" for n in range(5000))
    assert len(searching.page_words("\n".join(many).split("\n"))) == 4000
    assert searching.page_words(["x" * 99]) == {"x" * 40}


def test_whatever_is_written_is_found_as_it_is_written():
    """All that is sought of a text begins a word of it."""
    draw = random.Random(125)
    for _ in range(2000):
        typed = "".join(draw.choices("aĐễ1 9/.-_+84İß٣\u200b", k=draw.randint(1, 14)))
        words = searching.words(typed) | searching.number_words(typed)
        for sought in searching.sought(typed, AGENCY):
            assert any(word.startswith(sought) for word in words), (typed, sought)


@pytest.mark.parametrize("ordinal", [1, 9999, 9_999_998])
@pytest.mark.parametrize("day", [date(2000, 1, 1), date(2026, 11, 22)])
def test_later_cases_come_first(day, ordinal):
    rank = searching.rank(day, ordinal)
    assert searching.day_and_ordinal(rank) == (day, ordinal)
    assert searching.rank(day + timedelta(days=1), 1) < rank
    assert searching.rank(day, ordinal + 1) < rank
    assert -(2**63) < rank < 0


def test_a_place_is_read_as_it_was_written():
    """One that somebody has made up, or that is of another search, is none."""
    place = Place(1, "1.2/3", -(10**14), 2)
    assert searching.place(str(place), ("a", "1.2")) == place
    for wrong in ("", "1", "x.1.2.a", "1.-5.0.b", "2.-5.0.1.2", "-1.-5.0.a"):
        assert searching.place(wrong, ("a", "1.2")) is None, wrong
    assert searching.place(f"0.{10**40}.0.a", ("a",)) is None


@pytest.mark.parametrize(
    ("query", "shown", "hits"),
    [
        ("nguyen", "Nguyễn Văn Nguyên", ["Nguyễn", "Nguyên"]),
        ("ngu", "Nguyễn", ["Ngu"]),
        ("261123", "261123-0004", ["261123"]),
        ("2611230004", "261123-0004", ["261123-0004"]),
        ("12/2026", "Bằng tốt nghiệp · 12/2026", ["12/2026"]),
        ("dao", "Đào", ["Đào"]),
        ("guyen", "Nguyễn", []),
        ("", "Nguyễn", []),
    ],
)
def test_the_beginning_that_was_sought_is_marked(query, shown, hits):
    """Letter by letter as it is shown; nothing of the text is lost or changed."""
    parts = searching.parts(shown, searching.sought(query, AGENCY))
    assert "".join(part.text for part in parts) == shown
    assert [part.text for part in parts if part.hit] == hits
