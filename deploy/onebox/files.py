"""Files of ``var/``: secrets are for their owner only, and nothing is half-written."""

import os
from pathlib import Path
from typing import Final

OWNER_ONLY: Final = 0o600


def write_secret(path: Path, content: bytes) -> None:
    """A new file that nobody else on the machine can read, not for a moment."""
    path.parent.mkdir(parents=True, exist_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    with os.fdopen(os.open(path, flags, OWNER_ONLY), "wb") as file:
        file.write(content)


def write_text(path: Path, content: str) -> None:
    """Replaces the file whole: a reader sees the old text or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(path.name + ".new")
    draft.write_text(content, encoding="utf-8")
    draft.replace(path)
