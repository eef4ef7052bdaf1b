"""A thousand good copies before four readers that share no code: they must agree with
each other, and with the original outside the added margin.

``BENCH_COPIES`` says how many; ``FIRST_COPY`` is the first one's number, so that a run
can be taken up again. What differs is printed at once, by number.
"""

import asyncio
import os
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bench.figures import Figure
from support.agreeing import disagreements
from support.authority import authority
from support.readable_copies import readable_copy
from support.readers import open_readers

COPIES = int(os.environ.get("BENCH_COPIES", "1000"))
FIRST = int(os.environ.get("FIRST_COPY", "0"))
_EVERY = 50


async def measure() -> dict[str, Figure]:
    return await asyncio.to_thread(_figures)


def _figures() -> dict[str, Figure]:
    shown = wrong = 0
    with (
        tempfile.TemporaryDirectory(prefix="ecopy-bench-") as folder,
        authority(Path(folder)) as pki,
        open_readers() as readers,
        # Apart from the browser's thread, which has a loop of its own.
        ThreadPoolExecutor(1) as sealing,
    ):
        for number in range(FIRST, FIRST + COPIES):
            made = sealing.submit(readable_copy, pki, number).result()
            found = list(disagreements(readers, made.content, made.original))
            shown, wrong = shown + made.pages, wrong + bool(found)
            for sentence in found:
                print(f"copy {number}: {sentence}", flush=True)
            if number % _EVERY == _EVERY - 1:
                print(f"{number + 1 - FIRST} copies, {shown} pages", flush=True)
    return {
        "readers.disagree": Figure(
            wrong,
            "copies",
            "0 of 1,000",
            f"{COPIES} copies of {shown} pages in {len(readers)} readers",
        )
    }
