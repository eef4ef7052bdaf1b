"""The revision of the document security store, and what is in it.

docs/dialect.md §5. Whether the items prove anything is judged in ``pki``. Start at
``store_revision``.
"""

import re
from dataclasses import dataclass
from typing import Final

from storage.domain.gate.pdf.base_revision import CATALOG
from storage.domain.gate.pdf.increments import CopySoFar, changed_copy
from storage.domain.gate.pdf.shape import Revision
from storage.domain.gate.refusal import refuse, require

_STORE: Final = re.compile(
    rb"<</Type/DSS/Certs\[((?:\d+ 0 R )*)\]"
    rb"/OCSPs\[((?:\d+ 0 R )*)\]/CRLs\[((?:\d+ 0 R )*)\]>>"
)


@dataclass(frozen=True, slots=True)
class Store:
    """The document security store's items, DER."""

    certificates: tuple[bytes, ...]
    answers: tuple[bytes, ...]
    lists: tuple[bytes, ...]

    def with_more(self, more: "Store") -> "Store":
        return Store(
            self.certificates + more.certificates,
            self.answers + more.answers,
            self.lists + more.lists,
        )

    def without(self, known: "Store") -> "Store":
        """What *known* has not, in the same order."""
        return Store(
            tuple(one for one in self.certificates if one not in known.certificates),
            tuple(one for one in self.answers if one not in known.answers),
            tuple(one for one in self.lists if one not in known.lists),
        )


NOTHING: Final = Store((), (), ())


def store_revision(before: CopySoFar, revision: Revision) -> tuple[CopySoFar, Store]:
    """The security store: one dictionary, its items, a word in the catalog."""
    number, found = before.size, list(revision.objects)
    items = range(number + 1, number + len(found) - 1)
    require(found == [number, *items, CATALOG], "changed-object", found[:9])
    lists = store_lists(revision, number)
    require([n for part in lists for n in part] == [*items], "security-store", "order")
    grown = changed_copy(before, revision, {CATALOG: b"/DSS %d 0 R" % number})
    return grown, Store(*(store_items(revision, part) for part in lists))


def store_lists(revision: Revision, number: int) -> list[list[int]]:
    """Numbers of the certificates, of the answers, of the lists."""
    match = _STORE.fullmatch(revision.objects[number].text())
    if match is None:
        refuse("security-store", "dictionary")
    return [[int(n) for n in part.split(b" 0 R ")[:-1]] for part in match.groups()]


def store_items(revision: Revision, listed: list[int]) -> tuple[bytes, ...]:
    bodies = []
    for number in listed:
        obj = revision.objects[number]
        body = obj.body()
        plain = b"<</Length %d>>\nstream\n%b\nendstream" % (len(body), body)
        require(obj.text() == plain, "security-store", number)
        bodies.append(body)
    return tuple(bodies)
