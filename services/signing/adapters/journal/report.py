"""The seal journal read once, told to a person: rows, head, open tries, first break."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy.exc import DBAPIError

from ecopy.refusals import Trouble
from signing.adapters.journal.hash_chain import (
    Break,
    BrokenChainError,
    Chain,
    Head,
    Tried,
)
from signing.adapters.journal.journal import SqlSealJournal

UNBROKEN, BROKEN, UNREADABLE = 0, 1, 3
DIGEST_LENGTH: Final = 64
HOW: Final = {
    Break.CHANGED: (
        "dòng này không còn như lúc ghi",
        "this row is not what was written",
    ),
    Break.ORDER: (
        "dòng này không nối tiếp dòng trước: có dòng bị bỏ, bị đổi chỗ hoặc chèn vào",
        "it does not stand on the row before: one was dropped, swapped or slipped in",
    ),
    Break.CUT: (
        "có bản sao đã cấp mà nhật ký không còn dòng cấp của nó, hoặc ngược lại",
        "a copy was issued whose row is not in the journal, or the other way round",
    ),
    Break.HEAD: (
        "dòng cuối đã ghi lại trước đây không còn: đuôi nhật ký bị cắt hoặc viết lại",
        "the head noted before is not in it: its end was cut off or written anew",
    ),
}


@dataclass(frozen=True, slots=True)
class Report:
    text: str
    status: int


async def read_journal(journal: SqlSealJournal, noted: str | None) -> Report:
    """*noted* as it was printed: ``rows:head``."""
    try:
        chain = await journal.verify(None if noted is None else _head(noted))
    except BrokenChainError as broken:
        return Report(_broken(broken), BROKEN)
    except (DBAPIError, Trouble) as error:
        return Report(_unreadable(str(error).splitlines()[0]), UNREADABLE)
    except ValueError:
        return Report(_unreadable(f"--noted {noted}: ROWS:HEAD"), UNREADABLE)
    return Report(_whole(chain), UNBROKEN)


def _head(noted: str) -> Head:
    rows, _, this = noted.partition(":")
    if len(this) != DIGEST_LENGTH:
        raise ValueError(noted)
    return Head(int(rows), this)


def _whole(chain: Chain) -> str:
    lines = [
        f"rows: {chain.head.rows}",
        f"head: {chain.head.rows}:{chain.head.this}",
        f"open: {len(chain.open)}",
        *(_tried(tried) for tried in chain.open),
        f"loose: {len(chain.loose)}",
        *(_tried(tried) for tried in chain.loose),
        "Nhật ký dùng khóa nguyên vẹn. / The seal journal is unbroken.",
    ]
    if chain.open or chain.loose:
        lines.append(
            "open: đã định dùng khóa mà chưa có kết quả; loose: đã ký mà chưa rõ số"
            " phận: đang làm, hoặc máy đã dừng giữa chừng, sẽ xong ở lần giao lệnh kế."
            " / about to use a key, or signed, nothing settled since: under way, or cut"
            " short by a crash and finished at the order's next delivery."
        )
    return "\n".join(lines) + "\n"


def _tried(tried: Tried) -> str:
    return (
        f"  row {tried.position} · {tried.entry} · revision {tried.revision}"
        f" · {tried.at} · attempt {tried.attempt}"
    )


def _broken(broken: BrokenChainError) -> str:
    vi, en = HOW[broken.how]
    return (
        f"broken: {broken.position}\n"
        f"Nhật ký dùng khóa hỏng từ dòng {broken.position}: {vi}. /"
        f" The seal journal breaks at row {broken.position}: {en}.\n"
    )


def _unreadable(why: str) -> str:
    return (
        f"Không đọc được nhật ký dùng khóa: {why}. Kiểm tra SIGNING__DATABASE__URL"
        f" rồi chạy lại. /"
        f" The seal journal could not be read; look at SIGNING__DATABASE__URL, then run"
        f" again.\n"
    )
