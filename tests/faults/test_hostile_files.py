"""Files that were made to cost much: each is answered, at a bounded price."""

import asyncio
import tracemalloc
import zlib
from hashlib import sha256
from time import process_time

import pytest

from corpus import signed
from storage.domain.gate import compile_trust
from storage.domain.gate.cms.der import oid
from storage.domain.verdict import Archived, VerdictCode
from support.forging.case import sound
from support.forging.copy import PINS
from support.forging.order import ENTRY
from support.forging.pki import ours, trust_document
from support.prepared import prepared_reader
from support.verdicts import verdict_on
from support.waiting import LONG_SECONDS

ESSENTIAL = oid("1.2.840.113549.1.9.16.2.47")


def forged_attributes(count):
    """Attributes that name our officer, each with a thousand possible sets before."""
    named = bytes.fromhex(ours().officer.sha256)
    inner = b"\x31\x28\x30\x26\x30\x24\x30\x22\x04\x20" + named
    one = b"\xa0\x40" * 1000 + b"\x06\x0b" + ESSENTIAL + inner + b"\x30\x00\x04\x00"
    return one * count


HOSTILE = {
    "false attributes": lambda: b"%PDF-1.7\n" + forged_attributes(3000),
    "false hex": lambda: b"<" + forged_attributes(300).hex().encode() + b">",
    "open strings": lambda: b"<" * 3_000_000 + b"<00" * 1_000_000,
    "literals": lambda: b"/Contents (" * 300_000,
    "bombs": lambda: (
        b"%PDF-1.7\n"
        + (b"stream\n" + zlib.compress(bytes(30 << 20), 9) + b"\nendstream\n") * 100
    ),
    "many streams": lambda: (b"stream\n" + zlib.compress(b"x")) * 100_000,
    "ends": lambda: b"%PDF-1.7\n" + b"%%EOF\n" * 500_000,
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_file_costs_little(what):
    """Some seconds of processor time at most, and never all the memory."""
    data, trust = HOSTILE[what](), compile_trust(trust_document(ours(), PINS))
    archived = {sha256(sound()).hexdigest(): Archived(ENTRY)}
    tracemalloc.start()
    start = process_time()
    outcome = verdict_on(data, archived=archived, trust=trust)
    spent, peak = process_time() - start, tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    print(f"{what}: {len(data) >> 10} KiB, {spent:.2f} s, peak {peak >> 20} MiB")
    assert outcome.code in (VerdictCode.FOREIGN, VerdictCode.UNREADABLE)
    assert outcome.alone is None, "no record of ours is asked about it"
    assert spent < 15
    assert peak < (64 << 20) + 4 * len(data)


@pytest.fixture(scope="module")
def heavy():
    return [
        signed.many_fields(10_000),
        signed.nested(1_000_000),
        signed.inflating(),
        signed.circular(),
        signed.large(100_000_000),
    ]


async def test_heavy_files_are_answered_in_time(heavy, tmp_path):
    """Ten thousand fields, brackets without end, a bomb, a circle, 100 MB.

    That the bound itself holds is seen with a worker that sleeps.
    """
    reader = prepared_reader()
    path, outcomes = tmp_path / "heavy.pdf", []
    for data in heavy:
        path.write_bytes(data)
        async with asyncio.timeout(LONG_SECONDS):
            found = await reader.read(path)
        outcomes.append(found.outcome)
    assert outcomes[0] in ("read", "too-much")
    assert set(outcomes[1:4]) <= {"none", "read", "unreadable", "too-much"}
    assert found.signatures[0].unchanged == "yes"
