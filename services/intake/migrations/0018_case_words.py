"""The words by which cases are found, of those that are there, too.

They are folded by the service's own rules, as of the day of the upgrade: whoever
changes these rules fills the table once more. What an older desk beside this one writes
while an upgrade rolls is found once its case is changed by the newer.
"""

import json
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

import sqlalchemy as sa
from alembic import op

from intake.domain import searching
from intake.domain.numbers import short_code

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

BATCH = 500


def upgrade() -> None:
    word = sa.String().with_variant(sa.String(collation="C"), "postgresql")
    op.create_table(
        "case_words",
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("rank", sa.BigInteger(), nullable=False),
        sa.Column("word", word, nullable=False),
        sa.Column("source", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "agency", "rank", "word", "source", name="pk_case_words"
        ),
    )
    tx = op.get_bind()
    last = ""
    while codes := _next_codes(tx, last):
        _fill(tx, codes)
        last = codes[-1]
    columns = ["agency", "word", "rank", "source"]
    op.create_index("ix_case_words_word", "case_words", columns)


def _next_codes(tx: sa.Connection, last: str) -> list[str]:
    query = sa.text("SELECT code FROM cases WHERE code > :last ORDER BY code LIMIT :n")
    return list(tx.scalars(query, {"last": last, "n": BATCH}))


def _fill(tx: sa.Connection, codes: list[str]) -> None:
    cases = {row.code: row for row in _rows(tx, CASES, codes)}
    texts: dict[str, list[str]] = {code: [] for code in codes}
    for paper in _rows(tx, PAPERS, codes):
        texts[paper.case] += (paper.title, paper.holder, paper.original_number)
    numbers: dict[str, list[str]] = {code: [] for code in codes}
    for row in _rows(tx, NUMBERS, codes):
        numbers[row.case].append(row.number)
    for code, case in cases.items():
        requester = json.loads(case.requester)
        words = searching.words(requester["name"], *texts[code])
        words |= searching.number_words(
            requester["id_number"], requester["phone"], short_code(code), *numbers[code]
        )
        _insert(tx, case, 0, words)
    pages: dict[tuple[str, int], list[str]] = {}
    for row in _rows(tx, PAGES, codes):
        pages.setdefault((row.case, row.ordinal), []).append(row.folded)
    for (code, ordinal), folded in pages.items():
        _insert(tx, cases[code], ordinal, searching.page_words(folded))


CASES = "SELECT code, agency, day, ordinal, requester FROM cases WHERE code IN :codes"
PAPERS = """
SELECT "case", title, holder, original_number FROM documents WHERE "case" IN :codes
"""
NUMBERS = """
SELECT documents."case", certifications.number FROM documents
JOIN certifications ON certifications.document = documents.id
WHERE documents."case" IN :codes
"""
PAGES = """
SELECT documents."case", documents.ordinal, page_texts.folded FROM documents
JOIN page_texts ON page_texts.document = documents.id
JOIN files ON files.id = page_texts.file
WHERE documents."case" IN :codes AND files.state = 'good'
ORDER BY files.position, page_texts.page
"""


def _rows(tx: sa.Connection, query: str, codes: Iterable[str]) -> Iterator[Any]:
    expanding: sa.BindParameter[Any] = sa.bindparam("codes", expanding=True)
    found = tx.execute(sa.text(query).bindparams(expanding), {"codes": list(codes)})
    yield from found.fetchall()


def _insert(tx: sa.Connection, case: Any, source: int, words: frozenset[str]) -> None:
    table = sa.table(
        "case_words",
        *(sa.column(name) for name in ("agency", "rank", "word", "source")),
    )
    day = case.day if isinstance(case.day, date) else date.fromisoformat(case.day)
    key = {
        "agency": case.agency,
        "rank": searching.rank(day, case.ordinal),
        "source": source,
    }
    if words:
        tx.execute(sa.insert(table), [{**key, "word": word} for word in sorted(words)])
