"""Each state of ours has its national status, as the table says."""

import re
import tomllib

import pytest

from intake.domain import handing, national
from intake.domain.certifications import Way
from intake.domain.states import State
from support.casework import HA, paper
from support.intake import TABLES
from support.issued import issued_paper

TEXT = (TABLES / "national-statuses.toml").read_text("utf-8")
CODES = """
draft 1
received 2
notaccepted 3
awaiting 4
returned 4
toseal 4
registered 4
signed 4
voiding 4
supplement 5
leftback 7
refused 8
held 8
void 8
merged 8
issued 9
"""


def test_the_table_says_what_stands_here():
    """By hand once more: a case that is withdrawn must not be reported as done."""
    expected = dict(line.split() for line in CODES.strip().splitlines())
    table = national.parse(TEXT)
    known = {str(s): str(n.code) for s, n in table.by_state.items()}
    assert known == expected
    assert table.handed_over.code == 10
    rows = {row["code"]: row["name"] for row in tomllib.loads(TEXT)["statuses"]}
    assert list(rows) == list(range(1, 11))


def test_a_case_is_returned_once_the_link_of_each_copy_was_given():
    """One that is not keeps it at 9; a line noted as a mistake counts no more."""
    table = national.parse(TEXT)
    issued, handed = issued_paper(1), given(issued_paper(2))
    refused = paper(State.REFUSED, 3)
    assert table.of((issued,)).code == 9
    assert table.of((handed,)).code == 10
    assert table.of((handed, refused)).code == 10
    assert table.of((handed, issued)).code == 9
    assert table.of((handed, paper(State.AWAITING, 4))).code == 4
    assert table.of(()).code == 1


def given(document):
    """Its link was shown on the screen."""
    versions = {document.id: document.version}
    at = document.changed_at
    (outcome,) = handing.hand_over(
        [document], (Way.SCREEN,), versions=versions, by=HA, at=at
    )
    return outcome.document


@pytest.mark.parametrize("state", State)
def test_a_state_without_a_status_starts_no_service(state):
    """Nor one that is named twice."""
    with pytest.raises(ValueError, match=state):
        national.parse(re.sub(f'"{state}"(, )?', "", TEXT))
    twice = TEXT.replace("states = []", f'states = ["{state}"]', 1)
    with pytest.raises(ValueError, match="two national statuses"):
        national.parse(twice)
