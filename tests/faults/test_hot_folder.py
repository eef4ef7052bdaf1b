"""A watcher of a hot folder is killed at each durable step: no loss, and no double."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from corpus import scans
from intake.adapters.folder_files import ASIDE
from intake.adapters.sql.arrivals import SqlArrivals
from support import intake
from support.hot_folder_child import main
from support.waiting import LONG_SECONDS

ROOT = Path(__file__).parents[2]


def watch(directory, point=""):
    """The watcher's exit code."""
    path = os.pathsep.join(str(ROOT / each) for each in ("libs", "services", "tests"))
    ran = subprocess.run(
        [sys.executable, "-m", "support.hot_folder_child", directory, point],
        env={**os.environ, "PYTHONPATH": path},
        timeout=LONG_SECONDS,
        check=False,
        stdout=subprocess.DEVNULL,
    )
    return ran.returncode


async def arrivals(directory):
    """All that arrived, with the bytes in the store."""
    clock = intake.Hands()
    url = f"sqlite:///{directory}/intake.db"
    house = intake.house(url, directory / "scans", clock)
    found = await SqlArrivals(house.store, clock).of_agency(intake.AGENCY, clock())
    stored = [await house.objects.get(each.raw.key) for each in found if each.raw]
    await house.store.close()
    return found, stored


@pytest.mark.parametrize(
    "point",
    [
        "intake-upload-stored",
        "intake-arrival-stored",
        "intake-arrival-before-commit",
        "intake-arrival-committed",
        "intake-arrival-removed",
    ],
)
async def test_dies_while_a_file_is_taken(tmp_path, point):
    """The file is in the folder until it is an arrival, and is one only once."""
    data = scans.small_pdf()
    hot = tmp_path / "hot"
    hot.mkdir()
    (hot / "a.pdf").write_bytes(data)
    assert watch(tmp_path, point) == -signal.SIGKILL
    found, stored = await arrivals(tmp_path)
    assert (hot / "a.pdf").exists() or stored == [data]
    assert watch(tmp_path) == 0
    found, stored = await arrivals(tmp_path)
    assert [each.name for each in found] == ["a.pdf"]
    assert stored == [data]
    assert list(hot.iterdir()) == []


async def test_dies_while_a_file_is_moved_aside(tmp_path):
    """It lies in one of the two places, and in the inbox once."""
    hot = tmp_path / "hot"
    hot.mkdir()
    (hot / "a.docx").write_bytes(b"PK words")
    assert watch(tmp_path, "intake-arrival-turned-away") == -signal.SIGKILL
    assert (hot / "a.docx").exists()
    assert watch(tmp_path) == 0
    found, _ = await arrivals(tmp_path)
    assert [each.fault for each in found] == ["unknown-type"]
    assert (hot / ASIDE / "a.docx").read_bytes() == b"PK words"


async def test_a_disk_that_is_really_full_loses_nothing(tmp_path):
    """The store lies on a file system of a quarter of a megabyte."""
    store, hot = tmp_path / "scans", tmp_path / "hot"
    store.mkdir()
    hot.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "none", store],
        check=False,
        capture_output=True,
    )
    if mounted.returncode:
        pytest.skip("no right to mount a small file system here")
    data = b"%PDF-" + os.urandom(600_000)
    (hot / "a.pdf").write_bytes(data)
    try:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(2):
                await main(tmp_path, "")
        found, _ = await arrivals(tmp_path)
        assert found == ()
        assert (hot / "a.pdf").read_bytes() == data
        subprocess.run(["mount", "-o", "remount,size=4m", store], check=True)
        assert watch(tmp_path) == 0
        found, stored = await arrivals(tmp_path)
        assert stored == [data]
    finally:
        subprocess.run(["umount", "-l", store], check=True)
