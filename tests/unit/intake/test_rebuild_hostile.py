"""Hostile files: each is refused for its own reason, and nothing else is harmed."""

import asyncio
import json
import math
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from chassis.confined import WorkerAbsent
from chassis.workers import Zygote
from corpus import hostile, scans
from corpus.hostile import REFUSED
from intake.adapters.rebuild.limits import Limits
from intake.adapters.rebuild.process import SandboxedRebuilder
from intake.domain.scan import RebuiltFile, ScanFault, ScanRefused, SourceFile
from support.prepared import prepared_rebuilder, taken_over
from support.waiting import LONG_SECONDS

REACH = "readable=[pathlib.Path('/dev')], writable=pathlib.Path('.')"
ROOTS = [str(Path(__file__).parents[3] / name) for name in ("libs", "services")]


async def rebuild(name, data, root, rebuilder=None):
    source, into = root / "source", root / "out"
    source.write_bytes(data)
    into.mkdir()
    rebuilder = rebuilder or prepared_rebuilder()
    return await rebuilder.rebuild(SourceFile(name, source), into=into)


def saboteur(**limits):
    """A rebuilder whose worker is taken over by its file and runs it instead."""
    bounds = replace(Limits(wall_seconds=LONG_SECONDS), **limits)
    return SandboxedRebuilder(taken_over("free"), bounds)


@pytest.mark.parametrize("name", REFUSED)
async def test_each_fault_has_its_own_reason(name, tmp_path):
    """The refusal names the file and the one thing that is wrong with it."""
    make, slug = REFUSED[name]
    with pytest.raises(ScanRefused) as refused:
        await rebuild(name, make(), tmp_path)
    assert (refused.value.fault, refused.value.name) == (slug, name)


async def test_one_bad_file_does_not_stop_the_others(tmp_path):
    """Two files at once: one is refused, the other comes out."""
    rebuilder = prepared_rebuilder()
    for name in ("good", "bad"):
        (tmp_path / name).mkdir()
    good, bad = await asyncio.gather(
        rebuild("good.pdf", scans.small_pdf(), tmp_path / "good", rebuilder),
        rebuild("bad.png", hostile.bomb_png(), tmp_path / "bad", rebuilder),
        return_exceptions=True,
    )
    assert isinstance(good, RebuiltFile)
    assert isinstance(bad, ScanRefused)


async def test_a_file_over_the_limit_is_not_opened(tmp_path):
    """Bytes are counted before a process is started."""
    rebuilder = SandboxedRebuilder(Zygote("absent:main"), Limits(source_bytes=1000))
    with pytest.raises(ScanRefused) as refused:
        await rebuild("big.pdf", scans.small_pdf(), tmp_path, rebuilder)
    assert refused.value.fault is ScanFault.TOO_LARGE


async def test_a_rebuilt_file_over_the_limit_is_too_large(tmp_path):
    """What the worker writes is bounded too (RLIMIT_FSIZE)."""
    rebuilder = prepared_rebuilder(Limits(document_bytes=60_000))
    with pytest.raises(ScanRefused) as refused:
        await rebuild("long.pdf", scans.small_pdf(), tmp_path, rebuilder)
    assert refused.value.fault is ScanFault.TOO_LARGE


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("os.kill(os.getpid(), 9)", ScanFault.TOO_MUCH_WORK),
        ("os.kill(os.getpid(), 11)", ScanFault.DAMAGED),
        ("os.abort()", ScanFault.TOO_MUCH_WORK),
        ("sys.exit(3)", ScanFault.DAMAGED),
        ("", ScanFault.DAMAGED),
        ("open('report.json','w').write('{')", ScanFault.DAMAGED),
        ("open('report.json','w').write('[]')", ScanFault.DAMAGED),
        ("open('report.json','w').write('['*99999)", ScanFault.DAMAGED),
        ("open('report.json','w').write('{\"fault\":\"x\"}')", ScanFault.DAMAGED),
        ("open('report.json','w').write('{\"pages\":[]}')", ScanFault.DAMAGED),
        ("os.symlink('/etc/passwd','report.json')", ScanFault.DAMAGED),
        ("open('report.json','w').truncate(99 << 20)", ScanFault.DAMAGED),
    ],
)
async def test_a_worker_gone_wrong_is_a_refusal(code, fault, tmp_path):
    """Killed, crashed, silent, lying: a refusal of that file, no error of ours."""
    with pytest.raises(ScanRefused) as refused:
        await rebuild("x.pdf", (code or "0").encode(), tmp_path, saboteur())
    assert refused.value.fault is fault


IMAGE = {
    "sha256": "0" * 64,
    "size": 9,
    "filter": "DCTDecode",
    "width": 9,
    "height": 9,
    "bits": 8,
    "colour_space": "DeviceGray",
    "placement": [9, 0, 0, 9, 0, 0],
}
FACTS = {
    "source_file": 0,
    "source_page": 1,
    "sha256": ["0" * 64],
    "width": 9,
    "height": 9,
    "dpi": 300,
    "done": "lifted",
}


def report(
    kind: str = "application/pdf", **changed: dict[str, object]
) -> dict[str, object]:
    """What a worker says of one page, with some of it *changed*."""
    image = IMAGE | changed.get("image", {})
    manifest = {"width": 9.0, "height": 9.0, "images": [image]}
    facts = FACTS | changed.get("facts", {})
    page = {"manifest": manifest | changed.get("manifest", {}), "facts": facts}
    return {"media_type": kind, "pages": [page]}


def lying(claims: dict[str, object]) -> bytes:
    names = ("pages.pdf", "0001.thumb.jpg", "0001.preview.jpg")
    files = "".join(f"open({name!r},'w').close()\n" for name in names)
    return f"{files}open('report.json','w').write({json.dumps(claims)!r})".encode()


async def test_a_worker_that_tells_of_a_page_is_believed(tmp_path: Path) -> None:
    """What the lies below change, by itself, is taken."""
    found = await rebuild("x.pdf", lying(report()), tmp_path, saboteur())
    assert [page.dpi for page in found.pages] == [300]


@pytest.mark.parametrize(
    "claims",
    [
        report("x\ud800"),
        report("text/html\n"),
        report("a/" + "b" * 1000),
        report(manifest={"width": math.nan}),
        report(manifest={"height": math.inf}),
        report(manifest={"height": 1e308}),
        report(facts={"dpi": 10**30}),
        report(facts={"width": 2**63}),
        report(facts={"height": -(2**63)}),
        report(facts={"source_file": 10**30}),
        report(facts={"source_page": 10**30}),
        report(image={"size": 10**30}),
        report(image={"placement": [math.nan] * 6}),
        report(image={"decode_parms": {"K": 10**30}}),
        report(image={"palette": "\ud800"}),
        report(image={"decode_parms": {"\ud800": 1}}),
        {"fault": "damaged", "detail": "\ud800"},
    ],
)
async def test_numbers_and_texts_that_no_page_has_are_a_refusal(
    claims: dict[str, object], tmp_path: Path
) -> None:
    """Neither the database nor an event takes them: the file would wait for ever."""
    with pytest.raises(ScanRefused) as refused:
        await rebuild("x.pdf", lying(claims), tmp_path, saboteur())
    assert refused.value.fault is ScanFault.DAMAGED


async def test_what_a_worker_says_of_a_refusal_can_be_stored(tmp_path: Path) -> None:
    """It stands at the desk and in the log, whoever wrote it."""
    claims = {"fault": "damaged", "detail": "9\0\u202e pages\n" + "x" * 9000}
    with pytest.raises(ScanRefused) as refused:
        await rebuild("x.pdf", lying(claims), tmp_path, saboteur())
    assert refused.value.detail.startswith("9 pages x")
    assert len(refused.value.detail) <= 200


async def test_a_worker_that_hangs_is_killed_with_its_children(tmp_path):
    """The wall clock ends the whole process group."""
    code = b"p=os.fork(); p and open('child','w').write(str(p)); time.sleep(600)"
    with pytest.raises(ScanRefused) as refused:
        await rebuild("x.pdf", code, tmp_path, saboteur(wall_seconds=1.0))
    assert refused.value.fault is ScanFault.TOO_MUCH_WORK
    child = int((tmp_path / "out" / "child").read_text())
    async with asyncio.timeout(LONG_SECONDS):
        while _is_running(child):
            await asyncio.sleep(0)


def _is_running(pid):
    """A killed child may stay as a zombie until its new parent looks."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


async def test_a_cancelled_upload_leaves_no_worker(tmp_path):
    """The caller goes away: so does the process."""
    code = b"open('pid','w').write(str(os.getpid())); time.sleep(600)"
    task = asyncio.create_task(rebuild("x.pdf", code, tmp_path, saboteur()))
    pid = tmp_path / "out" / "pid"
    async with asyncio.timeout(LONG_SECONDS):
        while not (pid.exists() and pid.read_text()):
            await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not _is_running(int(pid.read_text()))


async def test_a_worker_that_cannot_start_is_our_own_trouble(tmp_path):
    """Nothing is said against a file that nobody opened."""
    for workers in (taken_over("broken"), taken_over("absent")):
        rebuilder = SandboxedRebuilder(workers)
        into = tmp_path / str(id(workers))
        into.mkdir()
        with pytest.raises(WorkerAbsent):
            await rebuild("x.pdf", b"%PDF-", into, rebuilder)


@pytest.mark.parametrize(
    "deed",
    [
        "socket.socket()",
        "socket.socketpair()",
        "import os; os.execv('/bin/true', ['true'])",
        "subprocess.run(['/bin/true'], check=True)",
        "bytearray(1 << 30)",
        "open('big', 'wb').write(bytes(2 << 20))",
        "[open('/dev/null') for _ in range(99)].clear()",
    ],
)
async def test_a_confined_worker_can_do_no_harm(deed, tmp_path):
    """No socket, no program, no more memory, bytes or files than it was given."""
    bounds = "address_space_bytes=512 << 20, document_bytes=1 << 20, open_files=32"
    script = (
        f"import pathlib, socket, subprocess, sys; sys.path[:0] = {ROOTS}\n"
        "from chassis.sandbox import confine\n"
        "from intake.adapters.rebuild.limits import Limits\n"
        f"confine(Limits({bounds}).bounds, {REACH})\n"
        "try:\n"
        f"    {deed}\n"
        "except (OSError, MemoryError): sys.exit(42)\n"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, cwd=tmp_path
    )
    assert await process.wait() == 42
