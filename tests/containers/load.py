"""Cases filed, approved and fetched all the while that the house is changed, and the
books held against each other afterwards. Start at ``Load``.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

import httpx

from chassis.starting import CannotStart
from containers.rooms import Tried
from containers.trial import Trial
from ecopy.reckoning import Reckoning
from onebox import sample, story
from onebox.browser import Browser
from onebox.places import Places
from onebox.reckoned import Comparison, Readings, compared

CLERKS: Final = 2
SETTLED_SECONDS: Final = 300.0
AGAIN_SECONDS: Final = 1.0
COUNTED: Final = (
    "intake.register",
    "intake.certifications",
    "signing.entries",
    "storage.orders",
    "storage.copies",
)


@dataclass(slots=True)
class Load:
    """Clerks who tell the story over and over until they are stopped. A form that was
    cut off counts as broken and is begun anew, as a person would.
    """

    trial: Trial
    verdicts: Counter[str] = field(default_factory=Counter)
    broken: Counter[str] = field(default_factory=Counter)
    _stop: asyncio.Event = field(default_factory=asyncio.Event)

    async def during(self, change: Callable[[], None]) -> None:
        """At least one whole story of each clerk before *change*, and one after it."""
        # A group, so that a clerk who cannot go on ends the trial instead of being
        # waited for.
        async with asyncio.TaskGroup() as clerks:
            for _ in range(CLERKS):
                clerks.create_task(self._clerk())
            await self._told(self.verdicts.total() + CLERKS)
            await asyncio.to_thread(change)
            await self._told(self.verdicts.total() + CLERKS)
            self._stop.set()
        self._stop.clear()

    async def tell(self) -> str:
        """One story from scan to verdict."""
        known = self.trial.people
        told = await story.tell(
            sample.made(Places(self.trial.folder)),
            desk=self.trial.desk,
            public=self.trial.public,
            clerk=known["clerk"],
            certifier=known["certifier"],
            keep_in=self.trial.folder / "demo",
        )
        return told.verdict

    async def verified(self) -> Counter[str]:
        """What the public page says of each file that was fetched so far."""
        citizen, verdicts = Browser(self.trial.public), Counter[str]()
        for file in sorted((self.trial.folder / "demo").glob("*-*.pdf")):
            if file.stem.partition("-")[0].isdigit():
                verdicts[await story.verify(citizen, file)] += 1
        await citizen.close()
        return verdicts

    async def _clerk(self) -> None:
        while not self._stop.is_set():
            try:
                self.verdicts[await self.tell()] += 1
            except (httpx.HTTPError, CannotStart, LookupError, ValueError) as error:
                self.broken[type(error).__name__] += 1
                await asyncio.sleep(AGAIN_SECONDS)

    async def _told(self, so_many: int) -> None:
        while self.verdicts.total() < so_many:
            await asyncio.sleep(AGAIN_SECONDS)


async def books(trial: Trial) -> list[Tried]:
    """Register, journal, catalogue and archive, once nothing is under way."""
    deadline = asyncio.get_running_loop().time() + SETTLED_SECONDS
    found = _compared(trial)
    while found.in_work and asyncio.get_running_loop().time() < deadline:
        await asyncio.sleep(AGAIN_SECONDS)
        found = _compared(trial)
    counts = dict(_counts(trial))
    shown = ", ".join(f"{name} {count}" for name, count in counts.items())
    return [
        ("every number has come to its end", not found.in_work),
        ("the three services' books agree", not found.findings),
        (f"as many everywhere: {shown}", set(counts.values()) == {found.issued}),
    ]


def _compared(trial: Trial) -> Comparison:
    before, storage, signing, after = (
        _reckoned(trial, name) for name in ("intake", "storage", "signing", "intake")
    )
    return compared(Readings(before, storage, signing, after))


def _reckoned(trial: Trial, name: str) -> Reckoning:
    """The last line: what a service logs stands before it."""
    printed = trial.inside(name, "service", name, "reconcile")
    return Reckoning.model_validate_json(printed.splitlines()[-1])


def _counts(trial: Trial) -> Iterator[tuple[str, int]]:
    for name in COUNTED:
        yield name, int(trial.psql(f"select count(*) from {name}"))
    yield "the last number", int(trial.psql("select max(ordinal) from intake.register"))
    count = "find /data/objects/archive -name copy.pdf | wc -l"
    yield "archived files", int(trial.inside("versitygw", "sh", "-c", count))
