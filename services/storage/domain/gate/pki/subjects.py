"""Who needs an answer about revocation: every leaf, every authority below a root."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from storage.domain.gate.cms.signed_data import certificate
from storage.domain.gate.pki.certificate_chains import TrustedChain, UsedCertificate

FRESH: Final = timedelta(hours=24)
"""How far an answer may lie from the use that it speaks of (docs/dialect.md §5)."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A certificate that needs an answer, its issuer, and when it was used."""

    der: bytes
    issuer: bytes
    moment: datetime
    chain: TrustedChain
    leaf: bool

    @property
    def serial(self) -> int:
        return certificate(self.der).serial_number


def subjects(leaves: Iterable[UsedCertificate]) -> list[Subject]:
    """Each leaf at its moment, each authority below its root at the latest one."""
    # Sorted by moment, so the latest use of an authority replaces the earlier ones.
    found: dict[tuple[bytes, bytes], Subject] = {}
    for leaf in sorted(leaves, key=lambda one: one.moment):
        line = (leaf.der, *leaf.chain.authorities)
        for own, issuer in pairwise(line):
            found[own, issuer] = Subject(
                own, issuer, leaf.moment, leaf.chain, own == leaf.der
            )
    return list(found.values())
