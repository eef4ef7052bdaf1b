"""The forked worker of the other tests is the worker that a service starts."""

import pytest

from chassis import sandbox
from corpus import hostile, scans
from intake.adapters.rebuild.process import SandboxedRebuilder
from intake.domain.scan import ScanRefused, SourceFile
from support.prepared import PreparedRebuilder

FILES = {
    "photo.jpg": scans.photo_jpeg,
    "stamped.pdf": scans.stamped_pdf,
    "bomb.png": hostile.bomb_png,
}


@pytest.mark.parametrize("name", FILES)
async def test_forked_or_started_it_says_the_same(name, tmp_path):
    """A picture, a page that is drawn, a refusal; each locked in before it read."""
    source = tmp_path / name
    source.write_bytes(FILES[name]())
    forked, started = PreparedRebuilder(), SandboxedRebuilder()
    reports = [await _left(forked, source, "a"), await _left(started, source, "b")]
    assert reports[0] == reports[1]
    assert sandbox.CONFINED in reports[0]


async def _left(rebuilder, source, into):
    """Name → bytes of what the worker left, and the refusal if it is one."""
    folder = source.parent / into
    folder.mkdir()
    left: dict[str, object] = {}
    try:
        await rebuilder.rebuild(SourceFile(source.name, source), into=folder)
    except ScanRefused as refused:
        left["refused"] = (refused.fault, refused.detail)
    return left | {path.name: path.read_bytes() for path in folder.iterdir()}
