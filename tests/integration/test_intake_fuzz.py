"""No input answers 500, whoever sends it. More of it, and on PostgreSQL, too:
``tests/faults/test_intake_fuzz_long.py``.
"""

import re

from bench import fuzz_desk
from support.fuzzed_desk import check_no_500


async def test_no_hostile_value_of_any_parameter_answers_500(tmp_path):
    """The first twelfth of the long one's requests: each name once."""
    await check_no_500(f"sqlite:///{tmp_path}/test.db", tmp_path, rounds=1)


def test_every_name_that_a_template_sends_is_tried():
    """The list of names is read from the code; a form's own fields prove it whole."""
    tried = set(fuzz_desk.names())
    known = {"csrf", "version", "seen", "page", "text", "code", "count", "next", "q"}
    assert known | {"kept", "kept_to", "user", "password", "place"} <= tried
    assert not [name for name in tried if not re.fullmatch(r"[a-z_]+", name)]
