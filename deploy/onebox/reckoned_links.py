"""The newest link of each copy, as the desk and storage have it, held against each
other: a backup that is older than the other's leaves a link that opens too much, or
nothing. Pure; start at ``links_compared``.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from ecopy.reckoning import (
    CatalogueLine,
    Counter,
    Discrepancy,
    LinkReckoning,
    RegisterReckoning,
)


def links_compared(
    before: Mapping[str, RegisterReckoning],
    catalogue: Mapping[str, CatalogueLine],
    after: Mapping[str, RegisterReckoning],
    now: datetime,
    on_its_way: timedelta,
) -> Iterator[Discrepancy]:
    """*before* and *after* are the desk's two readings, round that of storage: what
    storage lacks was said before, and what it has beyond was never said. News younger
    than *on_its_way* is no finding. A service that says nothing of links is an older
    version.
    """
    for entry, line in before.items():
        there = catalogue[entry].link if entry in catalogue else None
        said = line.link
        if said is None or there is None or said.since is None:
            continue
        if now - said.since > on_its_way:
            yield from _lacking(entry, said, there)
    for entry, line in after.items():
        there = catalogue[entry].link if entry in catalogue else None
        if line.link and there and there.generation > line.link.generation:
            yield _mismatch("link-newer", entry, _both(line.link, there))


def _lacking(
    entry: str, said: LinkReckoning, there: LinkReckoning
) -> Iterator[Discrepancy]:
    if there.generation < said.generation:
        yield _mismatch("link-lost", entry, _both(said, there))
    if there.generation != said.generation:
        return
    if said.closed and not there.closed:
        yield _mismatch("link-open", entry, str(said.generation))
    if said.asks and not there.asks:
        yield _mismatch("link-unasked", entry, str(said.generation))


def _both(said: LinkReckoning, there: LinkReckoning) -> str:
    return f"{said.generation} ≠ {there.generation}"


def _mismatch(kind: str, entry: str, detail: str) -> Discrepancy:
    return Discrepancy(counter=Counter.MISMATCH, kind=kind, entry=entry, detail=detail)
