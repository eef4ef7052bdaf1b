"""Pages to be read: real ones, and lines as an engine reads them, laid out by hand."""

from pathlib import Path

from PIL import Image

from chassis.objects import Objects
from intake.adapters.rebuild.process import SandboxedRebuilder
from intake.domain.arranging import LaidPage, PageId
from intake.domain.desk_pages import DeskPage, desk_pages
from intake.domain.files import Part, StoredFile
from intake.domain.page_texts import PageText, ReadLine, ReadWord, Why
from intake.domain.scan import SourceFile
from intake.ports import PageUnread
from support import build
from support.intake import MORNING

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


async def on_desk(
    image: Image.Image,
    rebuilder: SandboxedRebuilder,
    store: Objects,
    folder: Path,
    turn: int = 0,
) -> DeskPage:
    """The page of a file that shows this picture, as a clerk has turned it; its part is
    in the store. ``folder`` is empty.
    """
    source, into = folder / "scan.jpg", folder / "out"
    into.mkdir()
    image.convert("RGB").save(source, "JPEG", quality=90, dpi=(150, 150))
    file = await rebuilder.rebuild(SourceFile("scan.jpg", source), into=into)
    key = f"parts/{file.sha256}.pdf"
    await store.put(key, file.path)
    ref = build.ref().model_copy(update={"key": key})
    part = Part(ref, file.manifest, file.pages, ("t",), ("p",))
    stored = StoredFile("f", "d", 1, "a", ref, "ha", MORNING, "good", part=part)
    (page,) = desk_pages([LaidPage(PageId("f", 1), turn)], [stored], {})
    return page


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
