"""Gap, double and mismatch as Prometheus reads them, from each service with a face."""

from ecopy.reckoning import Counter, Discrepancy
from intake.domain.reconciling import Reconciliation
from support.intake import app_of, browsing
from support.papers import open_papers
from support.storage import shelf

BY_A_PROXY = {"X-Forwarded-For": "203.0.113.9"}


def page(service, **counts):
    return "".join(
        f'ecopy_reconcile{{service="{service}",counter="{counter}"}}'
        f" {counts.get(counter.value, 0)}\n"
        for counter in Counter
    )


async def test_the_desk_measures_its_books(tmp_path):
    """Zeros in a sound house; what the last look found; nothing through a proxy."""
    async with (
        open_papers(tmp_path) as papers,
        browsing(app_of(papers.opened), "ha") as (ha,),
    ):
        answer = await ha.http.get("/metrics")
        assert answer.headers["content-type"].startswith("text/plain")
        assert answer.text == page("intake")
        found = Discrepancy(counter=Counter.GAP, kind="x", entry="H99/E/2026/1")
        papers.opened.reckonings.note(Reconciliation(findings=(found, found)))
        assert (await ha.http.get("/metrics")).text == page("intake", gap=2)
        answer = await ha.http.get("/metrics", headers=BY_A_PROXY)
        assert answer.status_code == 404
        assert "ecopy_reconcile" not in answer.text


async def test_the_archive_measures_its_books(tmp_path):
    """The same on the public face's own port, which the public reaches by a proxy."""
    async with (
        shelf(tmp_path, f"sqlite:///{tmp_path}/s.db") as store,
        store.face() as web,
    ):
        assert (await web.get("/metrics")).text == page("storage")
        store.figures[Counter.MISMATCH] = 1
        assert (await web.get("/metrics")).text == page("storage", mismatch=1)
        answer = await web.get("/metrics", headers=BY_A_PROXY)
        assert answer.status_code == 404
