"""A hash chain read once, for a person: rows, head, the first break, in two languages.

The commands ``journal-verify`` and ``audit-verify`` print it. Start at ``read_chain``.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from sqlalchemy.exc import DBAPIError

from chassis.hash_chain import Break, BrokenChainError, Head
from ecopy.refusals import Trouble

UNBROKEN, BROKEN, UNREADABLE = 0, 1, 3
"""Exit status of the command; 2 is argparse's."""
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
class Book:
    """What a chain is called before a person, and which setting says where it lies."""

    vi: str
    """Within a sentence: ``nhật ký dùng khóa``."""
    en: str
    """Within a sentence, with its article: ``the seal journal``."""
    setting: str
    """``SIGNING__DATABASE__URL``"""


@dataclass(frozen=True, slots=True)
class ChainReading:
    """An unbroken chain: its head, and what else the command says of it."""

    head: Head
    before: tuple[str, ...] = ()
    """Lines between the head and the verdict."""
    after: tuple[str, ...] = ()
    """Lines behind the verdict."""


@dataclass(frozen=True, slots=True)
class Report:
    text: str
    status: int


async def read_chain(
    read: Callable[[Head | None], Awaitable[ChainReading]],
    noted: str | None,
    book: Book,
) -> Report:
    """The report of one *read*, held to *noted* as it was printed: ``ROWS:HEAD``."""
    try:
        head = None if noted is None else Head.parse(noted)
    except ValueError:
        return Report(_unreadable(book, f"--noted {noted}: ROWS:HEAD"), UNREADABLE)
    try:
        reading = await read(head)
    except BrokenChainError as broken:
        return Report(_broken(book, broken), BROKEN)
    except (Trouble, DBAPIError) as error:  # DBAPIError: no such table, say
        return Report(_unreadable(book, str(error).splitlines()[0]), UNREADABLE)
    return Report(_whole(book, reading), UNBROKEN)


def _whole(book: Book, reading: ChainReading) -> str:
    lines = [
        f"rows: {reading.head.rows}",
        f"head: {reading.head}",
        *reading.before,
        f"{_capital(book.vi)} nguyên vẹn. / {_capital(book.en)} is unbroken.",
        *reading.after,
    ]
    return "\n".join(lines) + "\n"


def _broken(book: Book, broken: BrokenChainError) -> str:
    vi, en = HOW[broken.how]
    return (
        f"broken: {broken.position}\n"
        f"{_capital(book.vi)} hỏng từ dòng {broken.position}: {vi}. /"
        f" {_capital(book.en)} breaks at row {broken.position}: {en}.\n"
    )


def _unreadable(book: Book, why: str) -> str:
    return (
        f"Không đọc được {book.vi}: {why}. Kiểm tra {book.setting}"
        f" rồi chạy lại. /"
        f" {_capital(book.en)} could not be read; look at {book.setting}, then run"
        f" again.\n"
    )


def _capital(words: str) -> str:
    return words[0].upper() + words[1:]
