"""A forked worker says and writes what one says that was started for its file alone."""

import asyncio
import json
import os
import sys
from dataclasses import asdict

import pytest

from chassis import sandbox
from corpus import hostile, scans
from intake.adapters.rebuild.limits import Limits
from intake.adapters.rebuild.process import ENVIRONMENT
from intake.domain.scan import ScanRefused, SourceFile
from support.prepared import prepared_rebuilder

FILES = {
    "photo.jpg": scans.photo_jpeg,
    "stamped.pdf": scans.stamped_pdf,
    "mixed.pdf": scans.mixed_pdf,
    "bomb.png": hostile.bomb_png,
}


@pytest.mark.parametrize("name", FILES)
async def test_forked_or_started_it_leaves_the_same_bytes(name, tmp_path):
    """A picture, pages that are drawn, a refusal; each locked in before it read."""
    source = tmp_path / name
    source.write_bytes(FILES[name]())
    forked, started = tmp_path / "a", tmp_path / "b"
    for folder in (forked, started):
        folder.mkdir()
    try:
        file = SourceFile(source.name, source)
        await prepared_rebuilder().rebuild(file, into=forked)
    except ScanRefused:
        assert name.startswith("bomb")
    await _start(source, started)
    assert _left(forked) == _left(started)
    assert sandbox.CONFINED in _left(forked)


async def _start(source, into):
    order = {"task": "rebuild", "source": str(source), "into": str(into)}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-sP", "-m", "intake.adapters.rebuild.worker"),
        stdin=asyncio.subprocess.PIPE,
        cwd=into,
        env={"PYTHONPATH": os.pathsep.join(sys.path), **ENVIRONMENT},
    )
    await process.communicate(json.dumps(order | {"limits": asdict(Limits())}).encode())
    assert process.returncode == 0


def _left(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}
