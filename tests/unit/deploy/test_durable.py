"""The store's directories write through, or provision says so and refuses."""

import fcntl
import os
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[3] / "deploy/docker/durable.py"
SYNC_AND_DIRSYNC = 0x10008
MEMORY = Path("/dev/shm")


def durable(*arguments):
    command = [sys.executable, SCRIPT, *map(str, arguments)]
    return subprocess.run(command, check=False, capture_output=True, text=True)


def flags(directory):
    opened = os.open(directory, os.O_RDONLY)
    try:
        answer = fcntl.ioctl(opened, 0x80086601, struct.pack("l", 0))
    finally:
        os.close(opened)
    return struct.unpack("l", answer)[0]


@pytest.fixture
def on_disk():
    """The tests' own folders may lie in memory."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def test_flags_are_set_and_inherited(on_disk):
    """Where the file system knows them: both flags, and new directories have them."""
    done = durable(on_disk)
    if done.returncode:
        pytest.skip(f"the file system of {on_disk} has no such flags: {done.stderr}")
    (on_disk / "bucket").mkdir()
    for directory in (on_disk, on_disk / "bucket"):
        assert flags(directory) & SYNC_AND_DIRSYNC == SYNC_AND_DIRSYNC


def test_what_a_restore_brought_is_durable_again(on_disk):
    """Directories that were there before have no flags and inherit none: every one of
    them gets both, however deep."""
    deep = on_disk / "archive" / "H99.42.05.13" / "E" / "2026"
    deep.mkdir(parents=True)
    (deep / "copy.pdf").write_bytes(b"a copy")
    done = durable(on_disk)
    if done.returncode:
        pytest.skip(f"the file system of {on_disk} has no such flags: {done.stderr}")
    for directory in (deep, *deep.parents[:3]):
        assert flags(directory) & SYNC_AND_DIRSYNC == SYNC_AND_DIRSYNC, directory


@pytest.mark.skipif(not MEMORY.is_dir(), reason="no /dev/shm")
def test_a_store_that_cannot_be_durable_is_refused():
    """A memory file system has no such flags: exit 1 and a sentence that says what is
    lost and what to do; the operator may vouch for the store."""
    refused = durable(MEMORY)
    assert refused.returncode == 1
    assert "may be lost in a power cut" in refused.stderr
    assert "ECOPY_STORE_DURABLE=1" in refused.stderr
    assert durable("--durable-by-itself", MEMORY).returncode == 0
