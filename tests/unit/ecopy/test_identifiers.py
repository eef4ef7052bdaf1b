import pytest
from pydantic import TypeAdapter, ValidationError

from ecopy.identifiers import EntryId, code_from, entry_id, format_code, parse_code


@pytest.mark.parametrize(
    "typed", ["7K2F-9MQX-4TBD", "7k2f 9mqx 4tbd", "7K2F9MQX4TBD", "7k2f–9mqx–4tbd"]
)
def test_codes_are_read_as_people_type_them(typed):
    """Case, spaces and hyphens do not matter."""
    assert parse_code(typed) == "7K2F9MQX4TBD"


def test_misread_letters_are_understood():
    """I and L are read as 1, O as 0."""
    assert parse_code("ILO0-0000-0000") == "110000000000"


@pytest.mark.parametrize(
    "typed", ["", "7K2F-9MQX-4TB", "7K2F-9MQX-4TBDX", "U" * 12, "7K2F/9MQX/4TBD"]
)
def test_other_texts_are_no_codes(typed):
    """Wrong lengths and letters are refused."""
    with pytest.raises(ValueError, match="verification code"):
        parse_code(typed)


@pytest.mark.parametrize("number", [0, 1, 2**60 - 1, 0x123456789ABCDE])
def test_every_number_makes_a_code(number):
    """60 bits make 12 characters that are read back as they are."""
    code = code_from(number)
    assert parse_code(format_code(code)) == code


def test_entry_ids():
    """An entry id says agency, series, year and ordinal, and nothing else passes."""
    check = TypeAdapter(EntryId).validate_python
    assert check(entry_id("H26.42.05.13", 2026, 1180)) == "H26.42.05.13/E/2026/1180"
    for wrong in ("H26/E/2026/0", "H26/X/2026/1", "../E/2026/1", "H26/E/2026/1\n"):
        with pytest.raises(ValidationError):
            check(wrong)
