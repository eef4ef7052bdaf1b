"""No input answers 500, whoever sends it, on either database."""

from support.fuzzed_desk import check_no_500


async def test_no_hostile_value_of_any_parameter_answers_500(database_url, tmp_path):
    await check_no_500(database_url, tmp_path, rounds=12)
