"""How many passwords a crowd of guessers gets compared: the limit, and not one more."""

import asyncio
import tempfile
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Final

from bench.figures import Figure
from chassis import logs
from chassis.settings import LogSettings
from intake import wiring
from intake.adapters.argon import Argon2Passwords
from intake.app.application import create_app
from intake.domain.guesses import TRIES
from intake.ports import Passwords
from support import intake
from support.intake import Browser, open_desk

GUESSES: Final = 200
REPLICAS: Final = 2
"""Over one database, as in a province."""


class Evaluated:
    """The real passwords, counted."""

    def __init__(self, passwords: Passwords) -> None:
        self._passwords = passwords
        self.count = 0

    async def digest(self, password: str, address: str) -> str:
        return await self._passwords.digest(password, address)

    async def matches(self, digest: str | None, password: str, address: str) -> bool:
        self.count += 1
        return await self._passwords.matches(digest, password, address)


async def measure() -> dict[str, Figure]:
    logs.configure("bench", LogSettings(level="critical"))
    evaluated = Evaluated(Argon2Passwords())
    with tempfile.TemporaryDirectory(prefix="ecopy-guesses-") as folder:
        async with open_desk(Path(folder)) as house:
            statuses = await _guessed(house, evaluated)
    summary = ", ".join(f"{count} × {status}" for status, count in statuses.items())
    return {
        "hard.guesses_evaluated": Figure(
            evaluated.count,
            "passwords",
            f"= {TRIES}",
            f"of {GUESSES} at once at one account over {REPLICAS} replicas: {summary}",
        )
    }


async def _guessed(house: wiring.Adapters, evaluated: Evaluated) -> Counter[int]:
    url = house.store.engine.url.render_as_string(hide_password=False)
    stores = [house.store, *(intake.Database(url) for _ in range(1, REPLICAS))]
    browsers = [_browser(replace(house, store=store), evaluated) for store in stores]
    answers = await asyncio.gather(
        *(
            browsers[n % REPLICAS].http.post(
                "/v1/sign-in", json={"user": "ha", "password": f"guess number {n}"}
            )
            for n in range(GUESSES)
        )
    )
    for browser in browsers:
        await browser.http.aclose()
    for store in stores[1:]:
        await store.close()
    return Counter(answer.status_code for answer in answers)


def _browser(house: wiring.Adapters, evaluated: Evaluated) -> Browser:
    desk = wiring.desk(house)
    counting = replace(desk, staff=replace(desk.staff, passwords=evaluated))
    return Browser(create_app(counting))
