"""From inside the real workers: nothing that an exploit tries leaves the cell."""

import asyncio
import json
import os
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

import pytest

from chassis import accounts
from chassis.workers import Zygote, open_zygote
from corpus import scans
from intake.domain.scan import SourceFile
from support import cell
from support.deeds import deeds
from support.prepared import prepared_rebuilder
from support.waiting import LONG_SECONDS

SOMEBODY = os.getuid() or 61234
"""Only root can become somebody else; whoever is not root is somebody already."""
REFUSED = {"EACCES", "EPERM"}
"""By Landlock and by the filter: any other error would have come from beyond them."""
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1"}
HARMLESS = (
    "read a key",
    "list the folder",
    "lock the database",
    "write beside",
    "append to a key",
    "open a key's mode",
    "read the parent's environment",
    "open the parent's memory",
    "write the parent's memory",
    "see the parent's files",
    "process_vm_readv",
    "process_vm_writev",
    "pidfd_open",
    "signal the parent",
    "tgkill",
    "own a file's signals",
    "outlive the service",
    "fork",
    "memfd_create",
    "a TCP socket",
    "a unix socket",
    "an abstract socket",
    "socketpair",
)
"""Deeds that a process of the same account can do, and that this one survives."""


def missed(name, outcomes):
    """The deeds that were not refused by the wall itself."""
    refusals = dict.fromkeys(outcomes, REFUSED)
    refusals["what was left open"] = {"EBADF"}
    for deed in ("fork", "vfork"):
        refusals[deed] = REFUSED | {"ENOSYS"}  # aarch64 has neither
    if name == "strangers":
        # It has no descriptor to spare, so the kernel refuses before Landlock looks.
        refusals = {deed: errors | {"EMFILE"} for deed, errors in refusals.items()}
    return {d: error for d, error in outcomes.items() if error not in refusals[d]}


@pytest.mark.parametrize(
    ("name", "threads"),
    [*((name, False) for name in cell.WORKERS), ("rebuild", True)],
)
async def test_nothing_that_a_worker_tries_leaves_the_cell(name, threads, tmp_path):
    """Keys, databases, the service's memory, handles and signals, processes, sockets:
    all of ``support.deeds``, in the process that a service starts.
    """
    into, source = tmp_path / "into", tmp_path / "source"
    into.mkdir()
    with cell.baited(tmp_path) as bait:
        environment = {cell.BAIT: json.dumps(asdict(bait)), **ONE_THREAD}
        with open_zygote(
            Zygote(f"support.cell:{name}", environment=environment)
        ) as workers:
            order = cell.order(name, source, into, threads=threads)
            await workers.run(order, into=into, wall_seconds=30)
        outcomes = json.loads((into / cell.WORKERS[name][2]).read_text())
        assert outcomes.keys() == deeds(bait).keys()
    wrong = missed(name, outcomes)
    if threads:  # the C library asks for clone3 first, and must hear that it is absent
        assert wrong.pop("clone3") == "ENOSYS"
    assert wrong == {}
    assert (tmp_path / "link.key").read_bytes() == b"secret"


async def test_nor_does_it_reach_its_zygote_and_the_worker_beside_it(tmp_path):
    """They have the same account, the same places in memory and no wall between them
    but each one's own.
    """
    outcomes = {}
    with cell.baited(tmp_path) as bait:
        environment = {cell.BAIT: json.dumps(asdict(bait)), **ONE_THREAD}
        with open_zygote(
            Zygote("support.cell:rebuild", environment=environment)
        ) as workers:
            beside = asyncio.create_task(_worker(workers, tmp_path / "a", cell.SLEEP))
            number = tmp_path / "a" / cell.PID
            async with asyncio.timeout(LONG_SECONDS):
                while not (number.exists() and number.read_text()):
                    await asyncio.sleep(0.01)
            status = Path(f"/proc/{number.read_text()}/status").read_text()
            zygote = next(x.split()[1] for x in status.splitlines() if "PPid" in x)
            for victim in (zygote, number.read_text()):
                into = tmp_path / victim
                await _worker(workers, into, victim)
                outcomes[victim] = json.loads((into / cell.OUTCOMES).read_text())
            assert not beside.done()
            beside.cancel()
    assert [missed("rebuild", each) for each in outcomes.values()] == [{}, {}]


async def _worker(workers, into, source):
    into.mkdir()
    file = into.with_suffix(".source")
    file.write_text(source)
    order = cell.order("rebuild", file, into)
    return await workers.run(order, into=into, wall_seconds=LONG_SECONDS)


@pytest.mark.parametrize("mode", ["namespaces", "accounts", "none"])
@pytest.mark.parametrize("name", cell.WORKERS)
async def test_nor_as_another_account(name, mode):
    """One account for service and worker, with user namespaces and, as in Docker,
    without them; and a service that may change accounts, whose worker has its own.
    """
    if mode == "accounts" and os.getuid():
        pytest.skip("only root can start a service that may change accounts")
    with tempfile.TemporaryDirectory() as folder:
        os.chown(folder, SOMEBODY, SOMEBODY)
        process = await asyncio.create_subprocess_exec(
            *(
                sys.executable,
                "-m",
                "support.cell",
                name,
                str(SOMEBODY),
                mode,
                folder,
            ),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={"PYTHONPATH": os.pathsep.join(sys.path), **ONE_THREAD},
        )
        printed, owner = await asyncio.wait_for(process.communicate(), 60)
    assert missed(name, json.loads(printed)) == {}
    # The worker for signatures writes into a file that was opened before.
    own = accounts.WORKER if (name, mode) == ("rebuild", "accounts") else SOMEBODY
    assert int(owner) == own


async def test_a_file_in_somebody_s_closed_folder_is_still_read(tmp_path):
    """Root gives up its privileges but this one: it may serve another's folder."""
    closed, into = tmp_path / "closed", tmp_path / "into"
    for folder in (closed, into):
        folder.mkdir(mode=0o700)
    source = closed / "scan.pdf"
    source.write_bytes(scans.small_pdf())
    source.chmod(0o600)
    for path in (source, closed):
        os.chown(path, SOMEBODY, -1)
    made = await prepared_rebuilder().rebuild(SourceFile("a.pdf", source), into=into)
    assert made.size > 0


async def test_without_the_cell_the_deeds_are_done(tmp_path):
    """So the tests before this one are refused what they say that they are refused."""
    with cell.baited(tmp_path) as bait:
        script = (
            "import json, os; from support import deeds\n"
            "bait = deeds.Bait(**json.loads(os.environ['BAIT']))\n"
            f"print(json.dumps(deeds.tried(bait, {HARMLESS})))\n"
        )
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", script),
            stdout=asyncio.subprocess.PIPE,
            cwd=tmp_path,
            env={
                "PYTHONPATH": os.pathsep.join(sys.path),
                "BAIT": json.dumps(asdict(bait)),
            },
        )
        printed, _ = await asyncio.wait_for(process.communicate(), 60)
    assert json.loads(printed) == dict.fromkeys(HARMLESS, "done")
