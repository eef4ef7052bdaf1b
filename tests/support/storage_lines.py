"""Lines of storage's catalogue, made from an order and a gate that passes."""

from ecopy.events import CopyArchived
from storage.domain.copies import archived, first_link
from storage.domain.gate import Passed
from support import build
from support.storage import ordered, sealed

CONTENT = b"%PDF-1.7 a certified copy"


def line(content=CONTENT, **changes):
    """A catalogue line, its link and its event."""
    order = ordered(**changes)
    digest = build.digest(content)
    passed = Passed(digest, len(content), 2, build.NOON, build.NOON, "TSA")
    sealing = sealed(content, entry=order.entry)
    copy = archived(passed, order, build.NOON)
    link = first_link(order, build.NOON, days=30, zone=build.NOON.tzinfo)
    event = CopyArchived(
        at=build.NOON, entry=copy.entry, copy_ref=sealing.copy_ref, pages=copy.pages
    )
    return copy, link, event
