"""Level B-LTA: the document timestamp, and more proofs where its authority needs them.

docs/dialect.md §8; EN 319 142-1 §5.4, §5.5. Written anew and compared, as every later
revision is.
"""

import re
from typing import Final

from storage.domain.gate.pdf.base_revision import BaseRevision
from storage.domain.gate.pdf.increments import (
    ContentsGap,
    CopySoFar,
    changed_copy,
    gap_of,
)
from storage.domain.gate.pdf.shape import Revision
from storage.domain.gate.pdf.stores import Store, store_items, store_lists
from storage.domain.gate.refusal import refuse, require

_TIMESTAMP: Final = re.compile(
    rb"\d+ 0 obj\n<</Type/DocTimeStamp/Filter/Adobe\.PPKLite/SubFilter/ETSI\.RFC3161"
    rb"/ByteRange\[(?=[^\]]{43}\])0 (?P<a>\d+) (?P<b>\d+) (?P<c>\d+) *\]"
    rb"/Contents<(?P<hex>[0-9a-f]++)>>>\nendobj\n"
)


def timestamp_revision(
    before: CopySoFar, revision: Revision, base: BaseRevision
) -> tuple[CopySoFar, ContentsGap]:
    """One token over all that stands before it, in the field that waited for it."""
    number, found = before.size, list(revision.objects)
    if base.timestamp is None:
        refuse("form", "no field for a document timestamp")
    require(found == [number, base.timestamp], "changed-object", found[:9])
    obj = revision.objects[number]
    match = _TIMESTAMP.fullmatch(before.data, obj.start, obj.end)
    if match is None:
        refuse("document-timestamp", number)
    start, end = gap_of(match, revision, number)
    grown = changed_copy(before, revision, {base.timestamp: b"/V %d 0 R" % number})
    return grown, ContentsGap(start, end, revision.end, match["hex"])


def widened_store(before: CopySoFar, first: Revision, revision: Revision) -> Store:
    """The store again with longer lists: what stood there first, then what is new.

    Returns what is new; at least one item is.
    """
    number = next(iter(first.objects))
    found = list(revision.objects)
    items = range(before.size, before.size + len(found) - 1)
    require(items and found == [number, *items], "changed-object", found[:9])
    old = store_lists(first, number)
    lists = store_lists(revision, number)
    kept = [part[: len(had)] for part, had in zip(lists, old, strict=True)]
    require(kept == old, "security-store", "an item is gone")
    fresh = [part[len(had) :] for part, had in zip(lists, old, strict=True)]
    require([n for part in fresh for n in part] == [*items], "security-store", "order")
    return Store(*(store_items(revision, part) for part in fresh))
