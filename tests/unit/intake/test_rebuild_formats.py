"""A format of scans is recognised, read and offered, or it is none."""

from html.parser import HTMLParser
from pathlib import Path

import intake
from intake.adapters.rebuild import kinds, sniff

TEMPLATE = Path(intake.__file__).parent / "web" / "templates" / "page-desk.html"
RECOGNISED = {
    value
    for name, value in vars(sniff).items()
    if name.isupper() and isinstance(value, str)
}


class Accepted(HTMLParser):
    """What the page's file inputs say that they accept."""

    def __init__(self) -> None:
        super().__init__()
        self.types: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "input" and dict(attrs).get("accept"):
            self.types.update((dict(attrs)["accept"] or "").split(","))


def test_every_format_that_is_recognised_has_a_reader():
    """PDF has one of its own; a picture's is in the table of kinds."""
    assert {sniff.PDF, "image/jpeg", "image/png"} <= RECOGNISED
    assert RECOGNISED - {sniff.PDF} == set(kinds.READERS)


def test_the_page_offers_what_is_read():
    """The window that picks files shows what the desk takes, and nothing else."""
    page = Accepted()
    page.feed(TEMPLATE.read_text("utf-8"))
    assert page.types == RECOGNISED
