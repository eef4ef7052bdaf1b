"""What the people at the desk asked and what they were answered, in JSON lines.

The checker judges from this and from the public faces alone. Start at ``History``.
"""

import json
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass
class History:
    """Append-only; a line has been given to the system before the next request."""

    path: Path
    requests: Counter[str] = field(default_factory=Counter)
    started: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self._file = self.path.open("a", encoding="utf-8", buffering=1)

    def close(self) -> None:
        self._file.close()

    def note(self, what: str, **more: Any) -> None:
        line = {"at": round(time.monotonic() - self.started, 3), "what": what, **more}
        self._file.write(json.dumps(line, ensure_ascii=False) + "\n")

    def asked(self, who: str, method: str, path: str, *, took: float, got: str) -> None:
        self.requests[got] += 1
        self.note(
            "request", who=who, method=method, path=path, took=round(took, 3), got=got
        )


@dataclass
class Paper:
    """One citizen's paper, and each step of it that the desk has acknowledged."""

    n: int
    title: str
    scans: tuple[bytes, ...]
    """A file for each page, in order."""
    document: str = ""
    """Path of the document, ``/documents/…``."""
    case: str = ""
    acknowledged: dict[str, float] = field(default_factory=dict)
    """Step → when its answer came; steps are in ``STEPS``."""
    number: str = ""
    link: str = ""
    sha256: str = ""
    """Of the copy as it was first downloaded."""
    trouble: str = ""
    """Why it cannot go on, where a person would have to act."""


STEPS = ("opened", "uploaded", "compared", "submitted", "approved", "issued", "fetched")
