"""The words of cases in SQL: written with what they are of, found by their beginnings.

Whoever writes a field by which a case is found calls ``renew`` in the same transaction,
and ``renew_pages`` for what was read of its scans. Each page of a search looks at a
bounded number of rows, whatever was typed (docs/decisions/0125). Start at ``look``.
"""

from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    ScalarSelect,
    Select,
    and_,
    bindparam,
    delete,
    func,
    literal,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.dialects import postgresql, sqlite

from intake.adapters.sql.tables import (
    case_words,
    cases,
    certifications,
    documents,
    files,
    page_texts,
)
from intake.domain import searching
from intake.domain.numbers import case_code, short_code
from intake.domain.records import Requester
from intake.domain.searching import Hits, Place

TYPED: Final = 0
"""The source of words that are no scan's."""
WALKED: Final = 4000
"""Rows of the index that one page of hits looks at. Each costs PostgreSQL four pages of
memory for every other word: 23,000 of them where three are common (November 2026)."""
RARE: Final = 1000
"""A word with fewer rows than that is walked first, before those that have more."""
_LAST: Final = "\U0010ffff"

# Made once: SQLAlchemy keeps what it worked out for a statement with the statement.
_CASE: Final = select(
    cases.c.agency, cases.c.day, cases.c.ordinal, cases.c.requester
).where(cases.c.code == bindparam("one"))
_PAPERS: Final = (
    select(
        documents.c.title,
        documents.c.holder,
        documents.c.original_number,
        certifications.c.number,
    )
    .outerjoin(certifications, certifications.c.document == documents.c.id)
    .where(documents.c.case == bindparam("one"))
)
_SAME_SOURCE: Final = (
    case_words.c.agency == bindparam("agency"),
    case_words.c.rank == bindparam("rank"),
    case_words.c.source == bindparam("source"),
)
_WORDS: Final = select(case_words.c.word).where(*_SAME_SOURCE)
_FORGET: Final = delete(case_words).where(
    *_SAME_SOURCE, case_words.c.word.in_(bindparam("gone", expanding=True))
)


def look(tx: Connection, agency: str, query: str, after: str, most: int) -> Hits:
    """A page of the agency's cases that have a word with each beginning that was typed,
    from *after* on: ``Hits.after`` as text, empty for the first page, as is one of
    another search. It looks at a bounded number of rows, however many cases there are,
    and knows of every act that has committed.
    """
    sought = searching.sought(query, agency)
    if not sought:
        return Hits((), None)
    return find(tx, agency, sought, searching.place(after, sought), most)


def find(
    tx: Connection, agency: str, sought: tuple[str, ...], after: Place | None, most: int
) -> Hits:
    """Cases that have words with all these beginnings: those with the word itself come
    first, the newest before the others. At most *most*, and fewer before the end where
    ``WALKED`` rows had no more: ``Hits.after`` goes on from there.
    """
    rarest = _rarest_first(tx, agency, sought)
    driver = rarest[0] if after is None else after.driver
    others = tuple(sought[at] for at in rarest if at != driver)
    walked = _walked(agency, sought[driver], after)
    hits = _hits(agency, sought[driver], others, walked)
    found = tx.execute(hits.limit(most)).all()
    codes = tuple(case_code(agency, *searching.day_and_ordinal(r.rank)) for r in found)
    last = found[-1] if len(found) == most else _end(tx, walked)
    if last is None:
        return Hits(codes, None)
    return Hits(codes, Place(driver, last.word, last.rank, last.source))


def renew(tx: Connection, code: str) -> None:
    """The words of what was typed of the case, as its rows say now."""
    row = tx.execute(_CASE, {"one": code}).one()
    rank = searching.rank(row.day, row.ordinal)
    _write(tx, row.agency, rank, TYPED, _typed_words(tx, code, row.requester))


def renew_pages(tx: Connection, document: str) -> None:
    """The words that were read on a paper's scans; none once they are given up."""
    row = tx.execute(
        select(cases.c.agency, cases.c.day, cases.c.ordinal, documents.c.ordinal)
        .join(documents, documents.c.case == cases.c.code)
        .where(documents.c.id == document)
    ).one()
    agency, day, ordinal, source = row
    read = (
        select(page_texts.c.folded)
        .join(files, files.c.id == page_texts.c.file)
        .where(page_texts.c.document == document, files.c.state == "good")
        .order_by(files.c.position, page_texts.c.page)
    )
    words = searching.page_words(tx.scalars(read))
    _write(tx, agency, searching.rank(day, ordinal), source, words)


def _typed_words(tx: Connection, code: str, requester: Requester) -> frozenset[str]:
    papers = tx.execute(_PAPERS, {"one": code}).all()
    texts = [text for *texts, _ in papers for text in texts]
    given = [number for *_, number in papers if number]
    return searching.words(requester.name, *texts) | searching.number_words(
        requester.id_number, requester.phone, short_code(code), *given
    )


def _write(
    tx: Connection, agency: str, rank: int, source: int, words: frozenset[str]
) -> None:
    key = {"agency": agency, "rank": rank, "source": source}
    # A page may be read while a paper of its case changes: both may add the same word.
    known = set(tx.scalars(_WORDS, key))
    gone = known - words
    if gone:
        tx.execute(_FORGET, {**key, "gone": sorted(gone)})
    new = [{**key, "word": word} for word in sorted(words - known)]
    if new:
        insert = sqlite.insert if tx.dialect.name == "sqlite" else postgresql.insert
        tx.execute(insert(case_words).on_conflict_do_nothing(), new)


def _rarest_first(
    tx: Connection, agency: str, sought: tuple[str, ...]
) -> tuple[int, ...]:
    """The words' positions: as far as a bounded look at each can say."""
    if len(sought) == 1:
        return (0,)
    looks = (_rarity(agency, at, word) for at, word in enumerate(sought))
    # Of two that are both common the one whose rows reach further back is rarer: a
    # thousand Nguyễn are the cases of three days, a thousand Yến those of a month.
    found = sorted(tx.execute(union_all(*looks)), key=lambda r: (r.rows, -r.oldest))
    return tuple(row.at for row in found)


def _rarity(agency: str, at: int, word: str) -> Select[Any]:
    """How many rows begin like this, up to ``RARE``, and the oldest case of these."""
    order = (case_words.c.word, case_words.c.rank, case_words.c.source)
    begins = select(case_words.c.rank).where(_begins(case_words, agency, word))
    first = begins.order_by(*order).limit(RARE).subquery()
    return select(
        literal(at).label("at"),
        func.count().label("rows"),
        func.coalesce(func.max(first.c.rank), 0).label("oldest"),
    ).select_from(first)


def _walked(agency: str, word: str, after: Place | None) -> FromClause:
    rows = select(case_words.c.word, case_words.c.rank, case_words.c.source).where(
        _begins(case_words, agency, word)
    )
    if after is not None:
        place = tuple_(case_words.c.word, case_words.c.rank, case_words.c.source)
        rows = rows.where(place > tuple_(after.word, after.rank, after.source))
    order = (case_words.c.word, case_words.c.rank, case_words.c.source)
    return rows.order_by(*order).limit(WALKED).subquery("walked")


def _hits(
    agency: str, word: str, others: tuple[str, ...], walked: FromClause
) -> Select[Any]:
    """Select the walked rows of cases that have the other words, each case once."""
    has = [_probe(agency, walked, other).is_not(None) for other in others]
    return (
        select(walked)
        .where(*has, _earlier(agency, walked, word).is_(None))
        .order_by(walked.c.word, walked.c.rank, walked.c.source)
    )


# A scalar subquery and not EXISTS: PostgreSQL would turn that into a join, and may read
# all 300,000 rows of a surname to look for fifty cases.
def _probe(agency: str, walked: FromClause, word: str) -> ScalarSelect[int]:
    other = case_words.alias()
    return (
        select(literal(1))
        .where(other.c.rank == walked.c.rank, _begins(other, agency, word))
        .limit(1)
        .scalar_subquery()
    )


def _earlier(agency: str, walked: FromClause, word: str) -> ScalarSelect[int]:
    """Find the row by which the same case was met before."""
    other = case_words.alias()
    here = tuple_(walked.c.word, walked.c.source)
    return (
        select(literal(1))
        .where(other.c.rank == walked.c.rank, _begins(other, agency, word))
        .where(tuple_(other.c.word, other.c.source) < here)
        .limit(1)
        .scalar_subquery()
    )


def _begins(table: FromClause, agency: str, word: str) -> ColumnElement[bool]:
    return and_(
        table.c.agency == agency, table.c.word >= word, table.c.word < word + _LAST
    )


def _end(tx: Connection, walked: FromClause) -> Any:
    """The last row that was looked at; None where these were all that there are."""
    if tx.scalar(select(func.count()).select_from(walked)) != WALKED:
        return None
    order = (walked.c.word.desc(), walked.c.rank.desc(), walked.c.source.desc())
    return tx.execute(select(walked).order_by(*order).limit(1)).first()
