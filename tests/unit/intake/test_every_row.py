"""Every row of every list says what it waits for, since when, who acts, and where a
machine acts, when it tries again.
"""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from intake.domain.views.desk import UploadView
from intake.domain.views.inbox import ArrivalView, InboxView
from intake.web import create_renderer
from support import desk_views as sample

RENDER = create_renderer()
ANYBODY = RENDER.pages.words["vi"]("waits.certify-any")
TIME = r"<time datetime"
BOARD = r'(?s)<tr role="row" data-key=.*?</tr>'
UPLOADS = replace(
    sample.desk_empty(),
    uploads=(
        UploadView(
            url="/uploads/u",
            name="a.pdf",
            size=9,
            modified="",
            place=1,
            percent=40,
            since=sample.NOW - timedelta(minutes=9),
            kept_until=sample.NOW + timedelta(hours=23),
        ),
    ),
)


def arrival(name, checked, fault=""):
    return ArrivalView(
        id=name,
        name=name,
        folder="Quầy 2",
        sender="",
        size=9,
        pages=1,
        dpi=300,
        arrived_at=sample.NOW - timedelta(minutes=3),
        state="waiting",
        checked=checked,
        fault=fault,
        low=False,
        by="",
        at=None,
        reason="",
    )


INBOX = InboxView(
    now=sample.NOW,
    waiting=(
        arrival("a.pdf", "good"),
        arrival("b.pdf", "busy"),
        arrival("c.pdf", "refused", "password"),
        arrival("d.pdf", "moved", "truncated"),
    ),
    assigned=(),
    put_aside=(),
    folders=(),
    papers=(),
)
LISTS = {
    "board": ("board.html", sample.board(), BOARD, r'<b class="plain">[^<]+'),
    "done": ("board.html", sample.board_done(), BOARD, r'<b class="plain">[^<]+'),
    "queue of the wall": (
        "review-wall.html",
        sample.wall(),
        r'(?s)<li class="[^"]*" data-key=.*?</li>',
        re.escape(ANYBODY),
    ),
    "inbox": (
        "inbox.html",
        INBOX,
        r"(?s)<li[^>]* data-arrival=.*?</li>",
        r"chờ người tiếp nhận|máy đang kiểm tra|class=.why.",
    ),
    "unfinished uploads": (
        "page-desk.html",
        UPLOADS,
        r'(?s)<li class="is-held" data-url=.*?</li>',
        r"Chọn lại đúng tệp này",
    ),
}
"""List → template, view, a row of it, and the words for what it waits for."""


@pytest.mark.parametrize("name", LISTS)
def test_each_row_says_what_it_waits_for_and_since_when(name):
    template, view, row, words = LISTS[name]
    page = RENDER.render(template, lang="vi", view=view, me=sample.me())
    rows = re.findall(row, page)
    assert rows
    for each in rows:
        assert re.search(TIME, each), each
        assert re.search(words, each), each


def test_a_machine_says_when_it_tries_again():
    """On the board: a copy that is delayed has since when and its next try."""
    page = RENDER.render("board.html", lang="vi", view=sample.board(), me=sample.me())
    delayed = [row for row in re.findall(BOARD, page) if "thử lại" in row]
    assert delayed
    assert all(row.count("<time datetime") >= 2 for row in delayed)
