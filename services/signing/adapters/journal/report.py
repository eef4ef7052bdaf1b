"""The seal journal read once, for a person: ``journal-verify`` prints it."""

from typing import Final

from chassis.chain_report import Book, ChainReading, Report, read_chain
from chassis.hash_chain import Head
from signing.adapters.journal.journal import SqlSealJournal
from signing.adapters.journal.reading import AttemptRow

BOOK: Final = Book("nhật ký dùng khóa", "the seal journal", "SIGNING__DATABASE__URL")


async def read_journal(journal: SqlSealJournal, noted: str | None) -> Report:
    """What ``journal-verify`` prints; *noted* as it printed a head, ``ROWS:HEAD``."""

    async def read(head: Head | None) -> ChainReading:
        found = await journal.verify(head)
        before = (
            f"open: {len(found.open)}",
            *map(_line, found.open),
            f"loose: {len(found.loose)}",
            *map(_line, found.loose),
        )
        after = (_UNDER_WAY,) if found.open or found.loose else ()
        return ChainReading(found.head, before, after)

    return await read_chain(read, noted, BOOK)


_UNDER_WAY: Final = (
    "open: đã định dùng khóa mà chưa có kết quả; loose: đã ký mà chưa rõ số"
    " phận: đang làm, hoặc máy đã dừng giữa chừng, sẽ xong ở lần giao lệnh kế."
    " / about to use a key, or signed, nothing settled since: under way, or cut"
    " short by a crash and finished at the order's next delivery."
)


def _line(row: AttemptRow) -> str:
    return (
        f"  row {row.position} · {row.entry} · revision {row.revision}"
        f" · {row.at} · attempt {row.attempt}"
    )
