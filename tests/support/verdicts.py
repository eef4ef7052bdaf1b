"""The verdict on bytes at hand, without the processes that look into files."""

from collections.abc import Mapping

from ecopy.identifiers import Sha256
from storage.domain.gate import Trust
from storage.domain.verdict import Archived, Verdict, prefixes, recorded, search


def verdict_on(
    data: bytes, *, archived: Mapping[Sha256, Archived] | None = None, trust: Trust
) -> Verdict:
    """What the digests say, else what is in the file: *unrecorded* is not settled."""
    digests = prefixes(data)
    known = recorded(digests, archived or {})
    return known or search(data, digests.whole, trust)
