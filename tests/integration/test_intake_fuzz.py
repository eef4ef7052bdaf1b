"""No input answers 500, whoever sends it, on either database."""

import re
from collections import Counter

from bench import fuzz_desk
from intake.app.routes import ROUTES

ROUNDS = 12
"""Of every route by every person."""


async def test_no_hostile_value_of_any_parameter_answers_500(database_url, tmp_path):
    """And every answer has the headers that all have; a told 503 is an answer."""
    count = ROUNDS * len(ROUTES) * len(fuzz_desk.PEOPLE)
    asked: Counter[tuple[str, str]] = Counter()
    good = 0
    async with fuzz_desk.furnished(database_url, tmp_path) as house:
        async for answer in fuzz_desk.answers(house, count, seed=20261128):
            assert not answer.fault
            asked[(answer.route.path, answer.person)] += 1
            good += answer.status < 400
    assert len(asked) == len({r.path for r in ROUTES}) * len(fuzz_desk.PEOPLE)
    assert good > count / 10, "nearly nothing got past the door: nothing was tried"


def test_every_name_that_a_template_sends_is_tried():
    """The list of names is read from the code; a form's own fields prove it whole."""
    tried = set(fuzz_desk.names())
    known = {"csrf", "version", "seen", "page", "text", "code", "count", "next", "q"}
    assert known | {"kept", "kept_to", "user", "password", "place"} <= tried
    assert not [name for name in tried if not re.fullmatch(r"[a-z_]+", name)]
