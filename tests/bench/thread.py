"""The thread end to end on the onebox: approval to link, copies a second, memory."""

import asyncio
import contextlib
import hashlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from bench.figures import ROOT, Figure
from bench.processes import cpu_seconds, memory_mb, reset_peak
from chassis.clock import utc_now
from onebox import house as houses
from onebox import story
from onebox.browser import Browser
from onebox.house import House
from onebox.places import Places, Ports
from onebox.plain import Steps
from onebox.supervisor import Supervisor
from support.houses import six_free_ports

IDLE = 50
BURST = int(os.environ.get("BENCH_BURST", "200"))
FILING_AT_ONCE = 3
POLL_SECONDS = 0.01
BURST_POLL_SECONDS = 0.2
"""Seldom: whoever watches a burst must not be its load."""
APPROVALS_AT_ONCE = 4
PROCESSES = ("nats", "pki", "intake", "signing", "storage")
LARGE_BYTES = 195_000_000
WITHOUT_READING = {"INTAKE__READING__ENABLED": "false"}
"""No print is read, whether the machine has tesseract or not: it runs for seconds after
a case was filed, and would count as the cost of the copies approved meanwhile."""


@dataclass(frozen=True)
class Rig:
    house: House
    supervisor: Supervisor
    scan: story.Scan


async def measure() -> dict[str, Figure]:
    with tempfile.TemporaryDirectory(prefix="ecopy-bench-") as folder:
        async with rig(Path(folder)) as r:
            print(f"filing {IDLE + BURST} cases of W3 through the desk's forms …")
            filed = await file_all(r, IDLE + BURST)
            async with certifier(r.house) as program:
                latencies = [await approval_to_link(program, f) for f in filed[:IDLE]]
                rate, cpu = await burst(r, program, filed[IDLE:])
            growth = await upload_growth(r, Path(folder))
            limit = await asyncio.to_thread(limit_ms, r.scan.file)
    p95 = statistics.quantiles(latencies, n=20)[-1] * 1000
    spent = " · ".join(f"{name} {ms:.1f}" for name, ms in cpu.items())
    print(f"CPU ms a copy in the burst: {spent} · sum {sum(cpu.values()):.1f}")
    return {
        "thread.approval_to_link_p95_ms": Figure(
            round(p95),
            "ms",
            "≤ 1000",
            f"median {statistics.median(latencies) * 1000:.0f} ms of {IDLE}, idle",
        ),
        "thread.copies_per_s": Figure(
            round(rate, 1),
            "copies/s",
            "told, not bounded (42 later)",
            f"burst of {BURST} W3; CPU ms a copy: {spent}; one SHA-256 of the file and "
            f"two RSA-2048 take {limit:.1f} ms in this run",
        ),
        "thread.upload_200mb_growth_mb": Figure(
            round(growth, 1), "MB", "≤ 30", f"one PDF of {LARGE_BYTES / 1e6:.0f} MB"
        ),
    }


@contextlib.asynccontextmanager
async def rig(
    folder: Path, environment: Mapping[str, str] | None = None
) -> AsyncIterator[Rig]:
    """A house of its own in *folder*; its programs have *environment*, too."""
    os.environ.update(environment or {})  # the supervisor hands its own on
    w3 = folder / "w3.pdf"
    make_scan(w3)
    places, ports = Places(folder / "var"), Ports.starting_at(six_free_ports())
    supervisor = Supervisor(places)
    try:
        house = await houses._open(supervisor, places, ports, Steps(3), utc_now)
        yield Rig(house, supervisor, story.Scan(w3, 3, "Bằng cử nhân"))
    finally:
        await supervisor.stop()


def make_scan(path: Path, *more: str) -> None:
    script = ROOT / "tests/corpus/sample_scan.py"
    subprocess.run([sys.executable, script, path, *more], check=True)


async def file_all(r: Rig, count: int) -> list[story.Filed]:
    """Through the same forms a clerk uses, a few desks at a time."""
    room = asyncio.Semaphore(FILING_AT_ONCE)

    async def one() -> story.Filed:
        async with room:
            return await story.file_case(browser, r.scan)

    browser = Browser(r.house.desk)
    try:
        await story.sign_in(browser, r.house.person("clerk"))
        return list(await asyncio.gather(*(one() for _ in range(count))))
    finally:
        await browser.close()


@contextlib.asynccontextmanager
async def certifier(house: House) -> AsyncIterator[httpx.AsyncClient]:
    """The certifier's program: signed in, with its session in each request."""
    person = house.person("certifier")
    async with httpx.AsyncClient(base_url=house.desk, timeout=60) as client:
        answer = await client.post(
            "/v1/sign-in", json={"user": person.user, "password": person.password}
        )
        answer.raise_for_status()
        client.headers["Authorization"] = f"Bearer {answer.json()['session']}"
        yield client


async def state(program: httpx.AsyncClient, filed: story.Filed) -> dict:
    """The one document of a case, as the desk's API tells it."""
    answer = await program.get(f"/v1/cases/{filed.case.rsplit('/', 1)[-1]}")
    answer.raise_for_status()
    return answer.json()["documents"][0]


async def look(program: httpx.AsyncClient, document: dict) -> None:
    """At each page, as the wall does before its button opens."""
    for picture in document["pictures"]:
        answer = await program.get(picture["url"])
        answer.raise_for_status()


async def approve(program: httpx.AsyncClient, document: dict) -> None:
    answer = await program.post(
        f"/v1/documents/{document['id']}/approve",
        json={
            "version": document["version"],
            "seen": [picture["page"] for picture in document["pictures"]],
        },
    )
    answer.raise_for_status()


async def issued(
    program: httpx.AsyncClient, filed: story.Filed, poll_seconds: float
) -> None:
    while (await state(program, filed))["state"] != "issued":
        await asyncio.sleep(poll_seconds)


async def approval_to_link(program: httpx.AsyncClient, filed: story.Filed) -> float:
    """Seconds from the approval's request until the desk can hand over the link."""
    document = await state(program, filed)
    await look(program, document)
    started = time.perf_counter()
    await approve(program, document)
    await asyncio.wait_for(issued(program, filed, POLL_SECONDS), 60)
    return time.perf_counter() - started


async def burst(
    r: Rig, program: httpx.AsyncClient, filed: list[story.Filed]
) -> tuple[float, dict[str, float]]:
    """Copies a second from the first approval to the last link, and CPU milliseconds
    a copy by process."""
    documents = [await state(program, case) for case in filed]
    for document in documents:
        await look(program, document)
    room = asyncio.Semaphore(APPROVALS_AT_ONCE)

    async def one(document: dict) -> None:
        async with room:
            await approve(program, document)

    before = {name: cpu(r, name) for name in PROCESSES}
    started = time.perf_counter()
    await asyncio.gather(*(one(document) for document in documents))
    for case in reversed(filed):  # the last one is the longest wait
        await asyncio.wait_for(issued(program, case, BURST_POLL_SECONDS), 300)
    seconds = time.perf_counter() - started
    spent = {
        name: (cpu(r, name) - before[name]) * 1000 / len(filed) for name in PROCESSES
    }
    return len(filed) / seconds, spent


def cpu(r: Rig, name: str) -> float:
    return cpu_seconds(pid(r, name))


def pid(r: Rig, name: str) -> int:
    found = r.supervisor.pid(name)
    assert found is not None
    return found


async def upload_growth(r: Rig, folder: Path) -> float:
    """Peak of the desk's own memory over what it held, for one large upload."""
    large = folder / "large.pdf"
    await asyncio.to_thread(make_large, r.scan.file, large)
    browser = Browser(r.house.desk)
    try:
        await story.sign_in(browser, r.house.person("clerk"))
        desk = pid(r, "intake")
        held = memory_mb(desk)
        reset_peak(desk)
        await story.file_case(browser, story.Scan(large, pages_of(large), "Bản đồ"))
        return memory_mb(desk, "VmHWM") - held
    finally:
        await browser.close()


def make_large(scan: Path, path: Path) -> None:
    """The scan's pages again and again, each with a stream of its own."""
    import pikepdf

    with pikepdf.open(scan) as source, pikepdf.new() as pdf:
        rounds = LARGE_BYTES // scan.stat().st_size
        for number in range(rounds):
            with pikepdf.open(scan) as again:
                for page in again.pages:
                    for image in page.images.values():
                        image["/Round"] = number  # distinct, so nothing is shared
                    pdf.pages.append(page)
        del source
        pdf.save(path)


def pages_of(path: Path) -> int:
    import pikepdf

    with pikepdf.open(path) as pdf:
        return len(pdf.pages)


def limit_ms(scan: Path) -> float:
    """One SHA-256 of the file and two RSA-2048 signatures, median CPU ms of 30."""
    content = scan.read_bytes()
    key = rsa.generate_private_key(65537, 2048)
    times = []
    for _ in range(30):
        started = time.process_time()
        digest = hashlib.sha256(content).digest()
        for _ in range(2):
            key.sign(digest, padding.PKCS1v15(), hashes.SHA256())
        times.append(time.process_time() - started)
    return statistics.median(times) * 1000
