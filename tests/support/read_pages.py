"""Lines as an engine reads them, laid out by hand; and readers without an engine."""

from intake.domain.arranging import PageId
from intake.domain.page_texts import PageText, ReadLine, ReadWord, Why
from intake.ports import PageUnread

HEIGHT = 12
LETTER = 7


def line(top: int, *columns: tuple[int, str], sure: int = 95) -> ReadLine:
    """Columns as (distance from the left, text); a word ending in ``?`` is read with a
    sureness of 40.
    """
    words: list[ReadWord] = []
    for left, text in columns:
        at = left
        for word in text.split():
            plain = word.rstrip("?")
            end = at + LETTER * len(plain)
            how = 40 if word.endswith("?") else sure
            words.append(ReadWord(plain, how, at, top, end, top + HEIGHT))
            at = end + LETTER
    return tuple(words)


def page(*lines: ReadLine) -> PageText:
    return PageText(PageId("file", 1), "document", "read", lines)


class GivenReader:
    """``ports.PageReader``: answers with these lines, or with why not."""

    lacking: tuple[str, ...] = ()

    def __init__(self, *lines: ReadLine, why: Why = "") -> None:
        self.lines = lines
        self.why = why
        self.asked: list[PageId] = []

    async def read(self, page: object) -> tuple[tuple[ReadLine, ...], str]:
        self.asked.append(page.id)  # type: ignore[attr-defined]
        if self.why:
            raise PageUnread(self.why)
        return self.lines, "given 1"
