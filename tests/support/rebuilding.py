"""Sends one file through a forked worker: the quick one, unless a test is about what
the desk sees (``prepared``).
"""

import asyncio
import tempfile
from pathlib import Path

from intake.adapters.rebuild.process import SandboxedRebuilder
from intake.domain.scan import RebuiltFile, ScanRefused, SourceFile
from support.prepared import quick_rebuilder


def rebuilt(
    data: bytes,
    root: Path,
    name: str = "scan.pdf",
    rebuilder: SandboxedRebuilder | None = None,
) -> RebuiltFile:
    """The accepted file; it lies in a new directory within ``root``."""
    into = Path(tempfile.mkdtemp(dir=root))
    source = into / name
    source.write_bytes(data)
    out = into / "out"
    out.mkdir()
    rebuilder = rebuilder or quick_rebuilder()
    return asyncio.run(rebuilder.rebuild(SourceFile(name, source), into=out))


def refusal(data: bytes, root: Path, name: str = "scan.pdf") -> str:
    """The slug of its refusal, or ``accepted``."""
    try:
        rebuilt(data, root, name)
    except ScanRefused as refused:
        return refused.fault
    return "accepted"


def flags(file: RebuiltFile) -> set[str]:
    """Of all pages."""
    return {flag for facts in file.pages for flag in facts.flags}


def done(file: RebuiltFile) -> list[str]:
    return [facts.done for facts in file.pages]
