"""``office.approve_batch_50_s``: fifty papers ticked in the queue, until the page of
results with fifty numbers is there.

The form goes through the application itself, as a browser sends it, to a database
of its own migrations; each round has papers of its own, and its numbers are counted.
"""

import re
import statistics
import tempfile
import time
from pathlib import Path
from typing import Final

from bench.figures import Figure
from support.intake import Browser, Form, app_of
from support.papers import Papers, open_papers

PAPERS: Final = 50
ROUNDS: Final = 3
GOAL: Final = 3.0


async def measure() -> dict[str, Figure]:
    with tempfile.TemporaryDirectory(prefix="ecopy-bench-") as folder:
        async with open_papers(Path(folder)) as papers:
            certifier = Browser(app_of(papers.opened))
            await certifier.sign_in("vinh")
            times = [await _approve(papers, certifier) for _ in range(ROUNDS)]
            await certifier.http.aclose()
    return {
        "office.approve_batch_50_s": Figure(
            round(statistics.median(times), 2),
            "s",
            f"≤ {GOAL:g}",
            f"{PAPERS} papers, the median of {ROUNDS}; the slowest {max(times):.2f} s",
        )
    }


async def _approve(papers: Papers, certifier: Browser) -> float:
    for _ in range(PAPERS):
        document = await papers.awaiting()
        known = await papers.known(document)
        await papers.look(document, "vinh")
        await papers.desk.pictures.note_seen(
            document, known.page_digests, papers.people["vinh"]
        )
    form = Form((await certifier.look("/wall")).text, "/wall/batches")
    sent = form.sent(item=form.boxes["item"])
    began = time.perf_counter()
    page = await certifier.http.post("/wall/batches", data=sent)
    took = time.perf_counter() - began
    numbers = set(re.findall(r"số (\d+)/2026", page.text))
    if len(numbers) != PAPERS:
        raise AssertionError(f"{len(numbers)} numbers for {PAPERS} papers")
    return took
