"""Whoever asks again is found by their number, exactly, and as they were last."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from intake.domain import recognising, vneid
from support.casework import CASE, HA, NOW
from support.intake import TABLES

KINDS = {"identity", "driving-licence", "birth-certificate", "marriage-certificate"}


def came(number, *, days=0, name="Đào", phone="0900000417"):
    asked = replace(CASE.requester, id_number=number, name=name, phone=phone)
    at = NOW + timedelta(days=days)
    return replace(CASE, code=f"{CASE.code}{days}", requester=asked, received_at=at)


def test_what_was_given_last_is_offered_and_only_for_that_number():
    """However the digits are grouped; a number that begins alike is another one."""
    cases = [
        came("000203004417", phone="0911000417"),
        came("000 203 004 417", days=2, phone="0922000417"),
        came("0002030044171", days=3),
    ]
    (found,) = recognising.earlier(cases, "000.203.004.417")
    assert (found.requester.phone, found.times) == ("0922000417", 2)
    assert found.case == cases[1].code


def test_one_number_of_several_names_is_offered_for_each():
    """A clerk sees both, newest first, and five at most."""
    cases = [came("000203004417", days=n, name=f"Người {n}") for n in range(7)]
    found = recognising.earlier(cases, "000203004417")
    assert [each.requester.name for each in found] == [
        f"Người {n}" for n in (6, 5, 4, 3, 2)
    ]


@pytest.mark.parametrize("number", ["", "00020", "..-..-..", "ab c"])
def test_a_few_characters_list_no_strangers(number):
    assert not recognising.long_enough(number)


def test_the_line_of_audit_names_nobody():
    """It is kept for ever, so it has neither number nor name of the citizen."""
    assert recognising.looked_up(2, HA, NOW).values == {"found": 2}


def test_the_table_of_vneid_is_a_hint_from_a_day_on():
    """Each kind once, from its day; one that no list of kinds has starts no service."""
    text = (TABLES / "on-vneid.toml").read_text("utf-8")
    known = vneid.parse(text, KINDS)
    assert set(known) == KINDS
    assert set(vneid.in_force(known, date(2023, 1, 1))) == {
        "identity",
        "driving-licence",
    }
    with pytest.raises(ValueError, match="birth-certificate"):
        vneid.parse(text, KINDS - {"birth-certificate"})
    with pytest.raises(ValueError, match="identity"):
        vneid.parse(text + text, KINDS)
