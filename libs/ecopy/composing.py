"""Whether an order can be composed at all: asked before its number is taken."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ecopy.events import CertificationOrdered, ManifestPage
from ecopy.paper import MOST_PAGE_POINTS
from ecopy.words import Unfit, Words, unfit

LEAST_SIDE_POINTS: Final = 3.0
"""The shortest edge of a page in PDF/A-2 (ISO 19005-2, 6.1.13)."""
# Less than the bus takes (``max_payload`` in deploy/nats), so that the headers, which
# hold the signature, have room.
MOST_ORDER_BYTES: Final = 990_000
"""The largest order as an event. The bus carries messages of a megabyte, headers
included. A page of many strips takes some 350 bytes for each of them."""


@dataclass(frozen=True, slots=True)
class PageOutOfBounds:
    """A page that no copy can hold; *number* is from 1, *sides* in points."""

    number: int
    sides: tuple[float, float]


@dataclass(frozen=True, slots=True)
class OrderTooLarge:
    """A manifest of so many images that the order would never arrive."""

    images: int
    size: int


Obstacle = PageOutOfBounds | OrderTooLarge | Unfit


def obstacles(order: CertificationOrdered) -> Iterator[Obstacle]:
    """Everything in the order itself that the composer or the gate would refuse."""
    for number, page in enumerate(order.manifest, 1):
        if not _within(page):
            yield PageOutOfBounds(number, (page.width, page.height))
    # Encoded, not estimated: names, strips and palettes are of any length, and an event
    # that the bus refuses would wait in the outbox for ever, its number taken.
    size = len(order.encode("intake"))
    if size > MOST_ORDER_BYTES:
        yield OrderTooLarge(sum(len(page.images) for page in order.manifest), size)
    yield from unfit(words_of(order))


def words_of(order: CertificationOrdered) -> Words:
    return Words(
        layout=order.clause.template,
        clause=order.clause.statement,
        number=order.clause.number,
        book=order.clause.book,
        place=order.agency.place,
        agency_lines=order.agency.name_lines,
        title_lines=order.officer.title_lines,
        officer=order.officer.name,
        public_host=order.public_host,
    )


def _within(page: ManifestPage) -> bool:
    return all(
        LEAST_SIDE_POINTS <= side <= MOST_PAGE_POINTS
        for side in (page.width, page.height)
    )
