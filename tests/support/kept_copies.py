"""The copies of earlier writers that travel with the repository."""

import tarfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ecopy.events import CertificationOrdered
from ecopy.trust import TrustDocument

COPIES = Path(__file__).parents[1] / "corpus" / "files" / "copies"


@dataclass(frozen=True)
class Kept:
    name: str
    content: bytes
    order: CertificationOrdered
    trust: TrustDocument

    def __str__(self) -> str:
        return self.name


@cache
def kept_copies() -> tuple[Kept, ...]:
    return tuple(
        kept for archive in sorted(COPIES.glob("*.tar.xz")) for kept in _read(archive)
    )


def _read(archive: Path) -> list[Kept]:
    with tarfile.open(archive) as opened:
        files = {
            member.name: opened.extractfile(member).read()
            for member in opened.getmembers()
        }
    trust = TrustDocument.model_validate_json(files["trust.json"])
    kinds = [name.removesuffix(".json") for name in files if name.endswith(".json")]
    return [
        Kept(
            f"{archive.name.partition('.')[0]}-{kind}",
            files[f"{kind}.pdf"],
            CertificationOrdered.model_validate_json(files[f"{kind}.json"]),
            trust,
        )
        for kind in kinds
        if f"{kind}.pdf" in files
    ]
