"""A stranger's file is looked into by a process that can be ended."""

import asyncio
import os
import signal
import sys
from dataclasses import replace
from hashlib import sha256

import pytest

from storage.adapters.verdicts import Deadline, VerdictProcesses
from storage.domain.findings import Finding
from storage.domain.gate import compile_trust
from storage.domain.marks import shows_signature
from storage.domain.verdict import NOT_IN_FULL, VerdictCode
from storage.ports import BusyError
from support.forging.case import flip, sound
from support.forging.copy import PINS
from support.forging.pki import ours, trust_document
from support.storage import TRUST, shelf, words
from support.verdicts import verdict_on

OURS = compile_trust(trust_document(ours(), PINS))
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
DEED = """
import storage.adapters.verdict_worker as worker
from dataclasses import replace
from storage.domain.verdict import NOT_IN_FULL
def search(data, whole, trust):
    {instead}
raise SystemExit(worker.main(search=search))
"""


def doing(instead):
    """The real worker, whose search does something else."""
    return (sys.executable, "-sP", "-c", DEED.format(instead=instead))


@pytest.fixture
def processes():
    made = []

    def make(trust=TRUST, **changes):
        made.append(VerdictProcesses(trust, processes=1, **changes))
        return made[-1]

    yield make
    for one in made:
        one.close()


async def look(processes, path, data):
    await asyncio.to_thread(path.write_bytes, data)
    return await processes.search(path, len(data), sha256(data).hexdigest())


@pytest.mark.parametrize("change", ["none", "flip", "cut", "behind", "not ours"])
async def test_it_says_what_the_search_says_in_the_service(processes, tmp_path, change):
    """Locked in it can import nothing late: a copy of ours must not become foreign."""
    data = {
        "none": sound(),
        "flip": flip(sound(), 5000),
        "cut": sound()[:9000],
        "behind": sound() + b"%%EOF\n",
        "not ours": PDF,
    }[change]
    found = await look(processes(OURS), tmp_path / "a.pdf", data)
    here = verdict_on(data, trust=OURS)
    assert found == here


@pytest.mark.parametrize(
    "instead",
    ["while True: pass", "import time; time.sleep(60)", "x = bytearray(4 << 30)"],
)
async def test_a_file_that_takes_too_much_is_given_up(processes, tmp_path, instead):
    deadline = Deadline(cpu_seconds=0.3, wall_seconds=1.5)
    one = processes(command=doing(instead), deadline=deadline)
    assert await look(one, tmp_path / "a.pdf", PDF) == NOT_IN_FULL
    assert await look(one, tmp_path / "b.pdf", PDF) == NOT_IN_FULL


@pytest.mark.parametrize(
    "instead",
    [
        "open('/etc/hostname')",
        "__import__('socket').socket()",
        "import os; os._exit(0)",
        "import os; os.write(1, b'0\\n'); os._exit(1)",
        "raise ValueError('a detail')",
        "return replace(NOT_IN_FULL, code='genuine')",
    ],
)
async def test_a_taken_child_reaches_nothing_and_is_not_believed(
    processes, tmp_path, instead
):
    """No file, no network, no answer of its own, and no verdict of the catalogue's."""
    found = await look(processes(command=doing(instead)), tmp_path / "a.pdf", PDF)
    assert (found.code, found.finding) == (
        VerdictCode.UNREADABLE,
        Finding.UNKNOWN_FORMAT,
    )


async def test_a_process_that_was_ended_is_replaced(processes, tmp_path):
    one = processes()
    await one.warm()
    (pid,) = one.idle()
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(BusyError):
        await look(one, tmp_path / "a.pdf", PDF)
    assert (await look(one, tmp_path / "a.pdf", PDF)).code is VerdictCode.FOREIGN


async def test_no_process_is_no_verdict(processes, tmp_path):
    one = processes(command=(sys.executable, "-c", "1 / 0"))
    with pytest.raises(BusyError):
        await look(one, tmp_path / "a.pdf", PDF)


async def test_a_known_copy_never_waits_for_a_nasty_file(tmp_path, processes):
    """Both are there at once; the archive's own copy is answered from its digest."""
    deadline = Deadline(cpu_seconds=9, wall_seconds=6.0)
    hung = processes(command=doing("import time; time.sleep(60)"), deadline=deadline)
    url = f"sqlite:///{tmp_path}/storage.db"
    async with shelf(tmp_path, url, verdicts=hung) as store, store.face() as web:
        await store.archived(sound())
        nasty = asyncio.create_task(web.post("/v1/verify", content=PDF))
        await asyncio.sleep(0.2)
        answer = await web.post("/v1/verify", content=sound())
        assert answer.json()["verdict"] == "genuine"
        assert not nasty.done()
        assert (await nasty).json()["finding"] == "not-in-full"
        page = await web.post("/kiem-tra", files={"file": ("a.pdf", PDF)})
    assert "chưa xem hết được" in words(page.text)


def test_a_large_file_has_more_time():
    deadline = replace(Deadline(), cpu_seconds=1.0, wall_seconds=5.0)
    assert deadline.of(193) == pytest.approx((1.0, 5.0), abs=0.01)
    assert deadline.of(300_000_000) == pytest.approx((4.0, 11.0))


async def test_who_has_spent_the_search_is_not_read_on(tmp_path, processes):
    """One file has one price: its signers are not read when its search did not end."""
    deadline = Deadline(cpu_seconds=9, wall_seconds=0.5)
    hung = processes(command=doing("import time; time.sleep(60)"), deadline=deadline)
    signed = PDF + b"<</Type/Sig/ByteRange[0 1 2 3]/Contents<3080>>>"
    assert shows_signature(signed)
    url = f"sqlite:///{tmp_path}/storage.db"
    async with shelf(tmp_path, url, verdicts=hung) as store, store.face() as web:
        answer = (await web.post("/v1/verify", content=signed)).json()
    assert (answer["finding"], answer["signatures"]) == ("not-in-full", None)
