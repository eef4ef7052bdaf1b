"""Each state of ours has its national status, as the table says."""

import re

import pytest

from intake.domain import national
from intake.domain.states import State
from support.intake import TABLES

TEXT = (TABLES / "national-statuses.toml").read_text("utf-8")
CODES = """
draft 1
received 2
notaccepted 3
awaiting 4
returned 4
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
    known = {str(s): str(n.code) for s, n in national.parse(TEXT).items()}
    assert known == expected


@pytest.mark.parametrize("state", State)
def test_a_state_without_a_status_starts_no_service(state):
    """Nor one that is named twice."""
    with pytest.raises(ValueError, match=state):
        national.parse(re.sub(f'"{state}"(, )?', "", TEXT))
    twice = TEXT.replace("states = []", f'states = ["{state}"]', 1)
    with pytest.raises(ValueError, match="two national statuses"):
        national.parse(twice)
