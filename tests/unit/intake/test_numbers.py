"""Codes of cases and papers to the last character: they are printed and read back."""

from datetime import date

import pytest

from intake.domain import numbers

DAY = date(2026, 11, 22)


def test_a_day_has_cases_from_one_to_the_last_that_is_read_back():
    """Seven digits at most, four at least; 0 and one more are no case."""
    first, last = (numbers.case_code("H99", DAY, n) for n in (1, 9_999_999))
    assert (first, last) == ("H99-261122-0001", "H99-261122-9999999")
    assert numbers.CASE_CODE.match(first)
    assert numbers.CASE_CODE.match(last)
    for ordinal in (0, 10_000_000):
        with pytest.raises(ValueError, match="no case"):
            numbers.case_code("H99", DAY, ordinal)


def test_the_board_shows_day_and_ordinal():
    """The agency's own code is left out, however many parts it has."""
    assert numbers.short_code("H99.42.05.13-261122-0007") == "261122-0007"
    assert numbers.short_code("000.00.42.H99-261122-0007") == "261122-0007"


@pytest.mark.parametrize("ordinal", [1, 9, 10, 99])
def test_a_papers_name_gives_its_case_and_ordinal_back(ordinal):
    name = numbers.document_id("H99.42.05.13-261122-0007", ordinal)
    assert name == f"H99.42.05.13-261122-0007-{ordinal}"
    assert numbers.split_document_id(name) == ("H99.42.05.13-261122-0007", ordinal)


@pytest.mark.parametrize(
    "name",
    ["H99-261122-0007", "H99-261122-0007-0", "H99-261122-0007-100", "", "x-1", "H99-1"],
)
def test_what_names_no_paper_is_refused(name):
    with pytest.raises(ValueError, match="not a document's id"):
        numbers.split_document_id(name)
