"""What an approval and the news that follows cost the desk in counts: a statement for
each copy that is not needed fails here, however loaded the machine is
(docs/performance.md).
"""

from collections import Counter

import pytest
from sqlalchemy import event

from support.papers import open_papers


@pytest.fixture
async def papers(tmp_path):
    async with open_papers(tmp_path) as opened:
        yield opened


@pytest.fixture
def counts(papers):
    """Commits, statements and updates on the writer's connection and the readers'."""
    counts = Counter()

    def count(_connection, _cursor, statement, *_rest):
        counts["commits"] += statement == "BEGIN IMMEDIATE"
        counts["statements"] += not statement.startswith("BEGIN")
        if statement.startswith(("UPDATE documents", "UPDATE certifications")):
            counts["columns"] += statement.count("=?")

    event.listen(papers.opened.store.engine, "before_cursor_execute", count)
    return counts


async def test_an_approval_has_so_many_statements(papers, counts):
    document = await papers.awaiting()
    await papers.look(document, "vinh")
    counts.clear()
    await papers.approve(document)
    assert counts == {"commits": 1, "statements": 31, "columns": 3}


@pytest.mark.parametrize(("news", "columns"), [("seal", 3), ("archive", 6)])
async def test_news_writes_what_it_changes(papers, counts, news, columns):
    """One commit, and neither the pages of the paper nor the words of its order. Four
    of the statements are the test's, which asks for the paper's number.
    """
    document = await papers.registered()
    if news == "archive":
        await papers.seal(document)
    counts.clear()
    await getattr(papers, news)(document)
    assert counts == {"commits": 1, "statements": 16, "columns": columns}
