"""The desk under hostile values: what every answer must be."""

from collections import Counter
from pathlib import Path

from bench import fuzz_desk
from intake.app.routes import ROUTES


async def check_no_500(database_url: str, folder: Path, *, rounds: int) -> None:
    """*rounds* requests of every route by every person, from one seed. Every answer
    has the headers that all have; a 503 that says why is an answer.
    """
    count = rounds * len(ROUTES) * len(fuzz_desk.PEOPLE)
    asked: Counter[tuple[str, str]] = Counter()
    good = 0
    async with fuzz_desk.furnished(database_url, folder) as house:
        async for answer in fuzz_desk.answers(house, count, seed=20261128):
            assert not answer.fault
            asked[(answer.route.path, answer.person)] += 1
            good += answer.status < 400
    assert len(asked) == len({r.path for r in ROUTES}) * len(fuzz_desk.PEOPLE)
    assert good > count / 10, "nearly nothing got past the door: nothing was tried"
