"""Flags follow the pages as they lie: a turn sets right, a dropped twin is no twin."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from intake.domain.arranging import LaidPage, PageId
from intake.domain.desk_pages import desk_pages
from intake.domain.files import Part, StoredFile
from intake.domain.scan import PageFacts
from support import build

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def facts(number, *flags, same_as=0, picture=None):
    digest = build.digest(picture or f"{number}".encode())
    plain = PageFacts(0, number, (digest,), 2480, 3508, 300, "lifted")
    return replace(plain, flags=flags, same_as=same_as)


def file(name, *pages):
    names = tuple(f"t/{name}/{n}" for n in range(len(pages)))
    leaves = (build.page(),) * len(pages)
    part = Part(build.ref(name.encode()), leaves, pages, names, names)
    return StoredFile(
        id=name,
        document="d",
        position=1,
        name=f"{name}.pdf",
        raw=build.ref(name.encode()),
        uploaded_by="Hạ",
        uploaded_at=NOW,
        state="good",
        part=part,
    )


def flags_of(files, laid):
    return [page.facts.flags for page in desk_pages(laid, files, {})]


def laid(name, *numbers, turn=0):
    return [LaidPage(PageId(name, number), turn=turn) for number in numbers]


def test_the_second_picture_of_a_sheet_is_a_duplicate_while_the_first_is_there():
    pages = file("a", facts(1), facts(2, same_as=1))
    assert flags_of([pages], laid("a", 1, 2)) == [(), ("duplicate",)]
    assert flags_of([pages], laid("a", 2)) == [()]


def test_one_picture_in_two_files_is_a_duplicate():
    files = [file("a", facts(1, picture=b"p")), file("b", facts(1, picture=b"p"))]
    assert flags_of(files, laid("a", 1) + laid("b", 1)) == [(), ("duplicate",)]


def test_two_blank_pages_are_no_duplicates():
    files = [file(n, facts(1, "blank", picture=b"p")) for n in ("a", "b")]
    assert flags_of(files, laid("a", 1) + laid("b", 1)) == [("blank",), ("blank",)]


@pytest.mark.parametrize(
    ("before", "turn", "after"),
    [
        ("upside-down", 180, ()),
        ("upside-down", 90, ("sideways",)),
        ("sideways", 90, ()),
        ("sideways", 180, ("sideways",)),
        ("skewed", 90, ("skewed",)),
        ("upside-down", 0, ("upside-down",)),
    ],
)
def test_a_turn_sets_right_what_it_turned(before, turn, after):
    pages = file("a", facts(1, before))
    assert flags_of([pages], laid("a", 1, turn=turn)) == [after]


def test_facts_of_before_have_no_twin():
    """Parts that were stored before say nothing of it, and are read as before."""
    assert PageFacts(0, 1, ("0",), 1, 1, 300, "lifted").same_as == 0
