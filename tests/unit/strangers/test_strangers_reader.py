"""The confined worker from outside: bounded, mute, and never believed too much."""

import asyncio
import contextlib
import json
import signal
from dataclasses import replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from corpus import signed
from strangers import hanko
from strangers.facts import Findings
from strangers.limits import ReaderLimits
from strangers.reader import SignatureReader
from support.prepared import prepared_reader, taken_over, taken_reader
from support.servers import free_port
from support.waiting import LONG_SECONDS

EVERY_FILE = [
    signed.plain,
    signed.stamped,
    signed.signed_and_sealed,
    signed.seal_by_statement,
    signed.certified_then_filled,
    signed.text_added,
    signed.bytes_altered,
    signed.signature_altered,
    signed.self_signed,
    signed.only_stamped,
    signed.broken_cms,
    signed.hidden_gap,
    signed.encrypted,
    signed.locked,
    signed.harmful_names,
    signed.unsigned,
    *(
        lambda algorithm=algorithm: signed.by_algorithm(algorithm)
        for algorithm in ("rsa", "rsa-pss", "ecdsa", "ed25519")
    ),
]


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Each file with what this process reads in it, made before a loop runs."""
    directory = tmp_path_factory.mktemp("signed")
    expected: dict[Path, Findings] = {}
    for number, make in enumerate(EVERY_FILE):
        path = directory / f"{number:02}.pdf"
        path.write_bytes(make())
        reports: list[Findings] = []
        with path.open("rb") as stream:
            hanko.read(stream, reports.append)
        expected[path] = reports[-1]
    return expected


@contextlib.contextmanager
def written(path, data):
    path.write_bytes(data)
    yield path


def saboteur(**limits):
    """A reader whose worker is taken over by its file and runs it instead."""
    return SignatureReader(taken_over("free"), replace(ReaderLimits(), **limits))


def own_worker(**limits):
    """The real worker, taken over at the moment when it would read the file."""
    return SignatureReader(taken_reader(), replace(ReaderLimits(), **limits))


async def test_the_confined_worker_says_what_an_unconfined_one_would(files):
    """Nothing that a signature needs is missing behind the wall: see preload.py."""
    reader = prepared_reader()
    found = await asyncio.gather(*(_patient(reader, path) for path in files))
    assert dict(zip(files, found, strict=True)) == files


async def _patient(reader, path):
    while (found := await reader.read(path)).outcome == "not-looked":
        pass
    return found


@pytest.fixture(scope="module")
def tempting():
    """A signed file whose certificate names three addresses on this machine, and their
    port.
    """
    port = free_port()
    return signed.with_addresses(f"http://127.0.0.1:{port}"), port


async def test_no_address_in_a_file_is_ever_asked(tempting, tmp_path):
    """Issuer, OCSP and list addresses stand in the certificate; nobody comes."""
    visits: list[str] = []

    async def visit(_, writer):
        visits.append("came")
        writer.close()

    data, port = tempting
    assert f"http://127.0.0.1:{port}/ocsp".encode().hex().encode() in data.lower()
    async with await asyncio.start_server(visit, "127.0.0.1", port):
        with written(tmp_path / "a.pdf", data) as path:
            found = await prepared_reader().read(path)
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.close()
        await writer.wait_closed()
    assert found.signatures[0].intact == "yes"
    assert len(visits) == 1, "only this test's own visit"


@pytest.mark.parametrize(
    "deed",
    [
        "open('/etc/passwd').read()",
        "open({away!r}, 'w').write('x')",
        "open('more.json', 'w').write('x')",
        "__import__('socket').socket()",
        "__import__('os').execv('/bin/true', ['true'])",
        "bytearray(1 << 30)",
    ],
)
async def test_a_worker_that_was_taken_over_can_do_no_harm(deed, tmp_path):
    """No file to read or write but its two, no socket, no program, no more memory."""
    away = tmp_path / "away"
    lines = f"{deed.format(away=str(away))}; report(hanko.Findings(outcome='none'))"
    with written(tmp_path / "a.pdf", lines.encode()) as path:
        assert (await own_worker().read(path)).outcome == "unreadable"
    assert not away.exists()


async def test_the_same_worker_reports_if_it_does_no_harm(tmp_path):
    """So the test before this one ends for the reason that it names."""
    with written(tmp_path / "a.pdf", b"report(hanko.Findings(outcome='none'))") as path:
        assert (await own_worker().read(path)).outcome == "none"


@pytest.mark.parametrize(
    "report",
    [
        "not json",
        "[]",
        '{"outcome": "genuine"}',
        '{"outcome": "read", "verdict": "valid"}',
        '{"outcome": "read", "more": -1}',
        '{"outcome": "read", "signatures": [{"kind": "signature"}]}',
        json.dumps(
            {"outcome": "read", "signatures": [{"kind": "seal", "field": ""}] * 21}
        ),
        "[" * 100_000,
        " " * (600 << 10) + '{"outcome": "none"}',
    ],
)
async def test_a_report_of_another_shape_is_not_believed(report, tmp_path):
    """It must be small, JSON, and exactly ``Findings``."""
    (tmp_path / "made").write_text(report)
    code = f"os.link({str(tmp_path / 'made')!r}, 'report.json')"
    with written(tmp_path / "a.pdf", code.encode()) as path:
        assert (await saboteur().read(path)).outcome == "unreadable"


async def test_what_a_report_smuggles_in_is_cleaned(tmp_path):
    """Even a worker that was taken over leaves no steering character and no date that
    a page cannot show.
    """
    one = {
        "kind": "signature",
        "field": "a\u202eb\nc" + "x" * 900 + "\ud800",
        "claimed_at": "0001-01-01T00:00:00+14:00",
    }
    report = json.dumps({"outcome": "read", "signatures": [one]})
    code = f"open('report.json', 'w').write({report!r})"
    with written(tmp_path / "a.pdf", code.encode()) as path:
        (found,) = (await saboteur().read(path)).signatures
    assert found.field.startswith("ab cx")
    assert len(found.field) == 120
    assert found.claimed_at is None


async def test_a_link_in_place_of_the_report_is_not_followed(tmp_path):
    code = b"os.symlink('/etc/passwd', 'report.json')"
    with written(tmp_path / "a.pdf", code) as path:
        assert (await saboteur().read(path)).outcome == "unreadable"


async def test_time_is_bounded_and_what_was_reported_stays(tmp_path):
    """A worker that hangs is ended; its first report counts, none is *too much*."""
    report = json.dumps({"outcome": "read", "whole": False})
    first = f"open('report.json', 'w').write({report!r}); time.sleep(999)"
    reader = saboteur(wall_seconds=1.0)
    with (
        written(tmp_path / "a.pdf", b"time.sleep(999)") as silent,
        written(tmp_path / "b.pdf", first.encode()) as reporting,
    ):
        async with asyncio.timeout(LONG_SECONDS):  # for a worker that sleeps longer
            late, partly = await reader.read(silent), await reader.read(reporting)
    assert (late.outcome, partly.outcome, partly.whole) == ("too-much", "read", False)


async def test_when_every_worker_is_busy_nobody_waits_long(tmp_path):
    """One worker, hanging: the next file is told at once that nobody looked at it."""
    limits = ReaderLimits(wall_seconds=LONG_SECONDS, wait_seconds=0.2)
    reader = SignatureReader(taken_over("hanging"), limits, processes=1)
    with written(tmp_path / "a.pdf", b"%PDF-1.7") as path:
        first = asyncio.create_task(reader.read(path))
        await asyncio.sleep(0)
        second = await reader.read(path)
        assert not first.done()
        assert second.outcome == "not-looked"
        first.cancel()
        await asyncio.wait({first})


async def test_a_machine_without_a_worker_says_that_nobody_looked(tmp_path):
    reader = SignatureReader(taken_over("absent"))
    with written(tmp_path / "a.pdf", b"%PDF-1.7") as path:
        assert (await reader.read(path)).outcome == "not-looked"


async def test_a_file_has_its_share_of_the_processor_and_no_more(tmp_path):
    """Counted from where the file is opened: how long an import takes is not its
    matter. The kernel's bound in whole seconds would come later, with another signal.
    """
    reader = own_worker(cpu_seconds=0.2, wall_seconds=120)
    with (
        written(tmp_path / "a.pdf", b"[None for _ in iter(int, 1)]") as path,
        capture_logs() as lines,
    ):
        assert (await reader.read(path)).outcome == "too-much"
    ended = [one["code"] for one in lines if one["event"] == "signature_worker_ended"]
    assert ended == [-signal.SIGPROF]


def test_a_large_file_has_a_larger_share():
    """All its bytes are hashed, so a hundred megabytes are no attack by themselves."""
    limits = ReaderLimits()
    assert limits.cpu_seconds_of(0) == limits.cpu_seconds
    assert limits.cpu_seconds_of(100_000_000) == limits.cpu_seconds + 1
