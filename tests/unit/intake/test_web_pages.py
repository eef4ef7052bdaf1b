"""Every page of the desk, in every state we know, in both languages."""

import re
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import cache
from html.parser import HTMLParser

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route

from chassis.web.formats import format_number, format_size
from intake.domain.views.page import (
    AccountView,
    ConflictView,
    ErrorView,
    FieldError,
    Receipt,
)
from intake.web import create_renderer, mount_static
from support import casework_views, office_views, overview_views, system_views
from support import desk_views as sample

RENDER = create_renderer()
TAMPERED = '"><script>alert(1)</script>'
ERRORS = (
    FieldError("requester", "error.requester"),
    FieldError("pages-1", "error.pages"),
)
TYPED = {"title": ["Bằng", "Khai sinh"], "pages": ["3", "0"], "phone": "0900"}


def account():
    roles = frozenset({"clerk"})
    return AccountView("ha", "Lò Thị Minh Hạ", roles, "UBND phường Hoa Ban", 12)


def error(status, key, **values):
    return ErrorView(status, key, values=dict(values))


def signed_in(view, who=None, **more):
    return {"view": view, "me": who or sample.me(), **more}


PAGES: dict[str, tuple[str, dict[str, object]]] = {
    "sign-in": ("sign-in.html", {"view": sample.sign_in()}),
    "sign-in idle": ("sign-in.html", {"view": sample.sign_in(notice="idle")}),
    "sign-in locked": (
        "sign-in.html",
        {
            "view": sample.sign_in(user="ha", locked_until=sample.NOW),
            "errors": (FieldError("user", "error.locked", {"hour": "16:40"}),),
        },
    ),
    "account": ("account.html", signed_in(account())),
    "board": ("board.html", signed_in(sample.board())),
    "board, nothing": ("board.html", signed_in(sample.board_empty())),
    "board, done": ("board.html", signed_in(sample.board_done())),
    "board, found": ("board.html", signed_in(sample.board_found())),
    "board, administrator": (
        "board.html",
        signed_in(sample.board(), sample.me("administrator")),
    ),
    "new case": ("case-new.html", signed_in(sample.case_new())),
    "new case, mistakes": (
        "case-new.html",
        signed_in(sample.case_new(), errors=ERRORS, form=TYPED),
    ),
    "correct": (
        "case-correct.html",
        signed_in(casework_views.correction(), form=casework_views.TYPED),
    ),
    "correct, second": (
        "case-correct.html",
        signed_in(
            casework_views.correction(),
            form=casework_views.TYPED,
            first=casework_views.FIRST,
            differs=casework_views.DIFFERS,
        ),
    ),
    "correct, one approved": (
        "case-correct.html",
        signed_in(
            casework_views.correction(requester_open=False),
            form=casework_views.TYPED,
            errors=(FieldError("pages-1", "error.pages"),),
        ),
    ),
    "end": ("case-end.html", signed_in(casework_views.ending())),
    "end, mistakes": (
        "case-end.html",
        signed_in(
            casework_views.ending(),
            form=casework_views.ENDED,
            errors=(
                FieldError("way-take-back", "error.end-way"),
                FieldError("ground", "error.end-ground"),
                FieldError("text", "error.end-words"),
            ),
        ),
    ),
    "supplement": ("case-supplement.html", signed_in(casework_views.asking())),
    "supplement, mistakes": (
        "case-supplement.html",
        signed_in(
            casework_views.asking(),
            form=casework_views.ASKED,
            errors=(
                FieldError("lack", "error.supplement-nothing"),
                FieldError("words-3", "error.supplement-words"),
                FieldError("until", "error.supplement-until"),
            ),
        ),
    ),
    "extend": ("case-extend.html", signed_in(casework_views.extending())),
    "extend, mistakes": (
        "case-extend.html",
        signed_in(
            casework_views.extending(left=0),
            form=casework_views.EXTENDED,
            errors=(
                FieldError("ground", "error.extend-ground"),
                FieldError("days", "error.extend-days"),
                FieldError("agreement", "error.extend-agreement"),
                FieldError("file", "file.damaged.what"),
            ),
        ),
    ),
    "case, extended": ("case.html", signed_in(casework_views.extended())),
    "case, awaits its requester": (
        "case.html",
        signed_in(casework_views.awaiting_requester()),
    ),
    "desk, empty": ("page-desk.html", signed_in(sample.desk_empty())),
    "desk, flagged": ("page-desk.html", signed_in(sample.desk_flagged())),
    "desk, coming": ("page-desk.html", signed_in(sample.desk_coming())),
    "desk, arranged": ("page-desk.html", signed_in(sample.desk_arranged())),
    "desk, read": ("page-desk.html", signed_in(sample.desk_read())),
    "desk, no engine": ("page-desk.html", signed_in(sample.desk_unread())),
    "desk, ready": ("page-desk.html", signed_in(sample.desk_ready())),
    "desk, compared": ("page-desk.html", signed_in(sample.desk_compared())),
    "wall": ("review-wall.html", signed_in(sample.wall(), sample.certifier())),
    "batch": ("batch.html", signed_in(sample.batch(), sample.certifier())),
    "wall, empty": (
        "review-wall.html",
        signed_in(sample.wall_empty(), sample.certifier()),
    ),
    "wall, own case": (
        "review-wall.html",
        signed_in(sample.wall_own_case(), sample.certifier()),
    ),
    "case": ("case.html", signed_in(sample.case())),
    "case, halted and refused": ("case.html", signed_in(sample.halted_case())),
    "case, one more paper": (
        "case.html",
        signed_in(
            sample.case(may=frozenset({"add-document"})),
            kinds=sample.KINDS,
        ),
    ),
    "case, late and void": (
        "case.html",
        signed_in(sample.late_case(), sample.certifier()),
    ),
    "case, void not sent": (
        "case.html",
        signed_in(
            sample.late_case(),
            sample.certifier(),
            form={"text": "Vì sao"},
            form_name="H99.42.05.13-261123-0004-1",
            kept="used",
            outcome="/cases/x",
        ),
    ),
    "register": ("register.html", signed_in(sample.register())),
    "overview": ("overview.html", signed_in(overview_views.busy(), sample.certifier())),
    "overview, nothing": (
        "overview.html",
        signed_in(overview_views.empty(), sample.me("administrator")),
    ),
    "overview, a year": ("overview.html", signed_in(overview_views.year())),
    **{
        name: ("system.html", signed_in(view, sample.me("administrator")))
        for name, view in (
            ("system, well", system_views.well()),
            ("system, troubled", system_views.troubled()),
            ("system, bus away", system_views.away()),
        )
    },
    **{
        name: ("letter.html", signed_in(view, sample.me("administrator")))
        for name, view in (
            ("dead letter", system_views.letter()),
            ("dead letter, parked again", system_views.letter(replay_of=9)),
            ("dead letter, unsigned", system_views.letter(signed=False, entry="")),
        )
    },
    **{
        name: (template, signed_in(view, sample.me("administrator"), **more))
        for name, template, view, more in (
            ("accounts", "accounts.html", office_views.accounts(), {}),
            (
                "accounts, mistakes",
                "accounts.html",
                office_views.accounts(),
                {
                    "errors": (FieldError("roles", "error.roles-apart"),),
                    "form": {"user": TAMPERED, "roles": ["auditor", "clerk"]},
                },
            ),
            (
                "an account",
                "account-edit.html",
                office_views.accounts(office_views.account(), "zzzz-0000"),
                {},
            ),
            ("delegations", "delegations.html", office_views.delegations(), {}),
            ("programs", "programs.html", office_views.programs(), {}),
            (
                "programs, a token",
                "programs.html",
                office_views.programs(given="ecopy_aaaa2345_x"),
                {},
            ),
            (
                "delegations, none",
                "delegations.html",
                office_views.delegations(kept=False),
                {},
            ),
            ("fees", "fees.html", office_views.fees(), {}),
            ("numbers", "table.html", office_views.table(), {}),
            ("grounds", "table.html", office_views.table("grounds", ("D99",)), {}),
            ("switches", "switches.html", office_views.switches(), {}),
            ("seal", "seal.html", office_views.seal(), {}),
            ("seal, none", "seal.html", office_views.seal(waiting=False), {}),
            ("calendar", "calendar.html", office_views.calendar(), {}),
            ("calendar, none", "calendar.html", office_views.calendar(2031), {}),
            (
                "an account, locked",
                "account-edit.html",
                office_views.accounts(office_views.account(active=False)),
                {},
            ),
        )
    },
    "conflict": (
        "conflict.html",
        signed_in(ConflictView("Cao Xuân Mẫn", sample.NOW, "/cases/x")),
    ),
    "forbidden": ("error.html", signed_in(error(403, "error.403"))),
    "not allowed": (
        "error.html",
        signed_in(error(422, "error.unseen", pages="2, 3")),
    ),
    "not found, nobody": ("error.html", {"view": error(404, "error.404")}),
}


@dataclass
class Element:
    tag: str
    attributes: dict[str, str | None]


@dataclass
class Page(HTMLParser):
    elements: list[Element] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(Element(tag, dict(attrs)))

    def all(self, *tags: str) -> list[Element]:
        return [element for element in self.elements if element.tag in tags]

    def values(self, attribute: str) -> list[str]:
        return [
            str(e.attributes[attribute])
            for e in self.elements
            if attribute in e.attributes
        ]


@cache
def rendered(name, lang="vi"):
    """Shared by all tests: none changes it."""
    template, context = PAGES[name]
    page = Page()
    page.feed(RENDER.render(template, lang=lang, **context))
    return page


each_page = pytest.mark.parametrize("name", PAGES)


@each_page
def test_a_key_does_one_thing_on_a_page(name):
    """The script takes the first element that names a key: a second would never act."""
    keys = rendered(name).values("data-key")
    pressed = [key for key in keys if key.startswith(("Key", "Digit", "Bracket"))]
    assert len(pressed) == len(set(pressed))


@each_page
def test_a_page_renders_in_english_too(name):
    """No word, value or name is missing in either language."""
    assert rendered(name).all("h1")
    assert rendered(name, "en").all("h1")


@each_page
def test_nothing_runs_or_styles_inline(name):
    """The strict content policy breaks no page."""
    page = rendered(name)

    assert all("src" in script.attributes for script in page.all("script"))
    assert page.values("style") == []
    assert page.all("style") == []
    assert not [a for e in page.elements for a in e.attributes if a.startswith("on")]


@each_page
def test_the_token_against_forged_forms_comes_first(name):
    """A streaming route can judge a form before it has read a file."""
    page = rendered(name)
    after_form = [
        page.elements[index + 1]
        for index, element in enumerate(page.elements)
        if element.tag == "form"
        and element.attributes.get("method") == "post"
        and element.attributes.get("action") != "/sign-in"
    ]

    assert [e.attributes.get("name") for e in after_form] == ["csrf"] * len(after_form)


@each_page
def test_every_id_is_unique_and_every_reference_resolves(name):
    """Labels, descriptions and links within a page reach what they name."""
    page = rendered(name)
    ids = Counter(page.values("id"))
    named = page.values("for") + page.values("aria-labelledby")
    named += [i for ids in page.values("aria-describedby") for i in ids.split()]
    named += [link[1:] for link in page.values("href") if link.startswith("#")]
    anchors = {"today", "stuck"}  # groups that may be empty today

    assert [i for i, times in ids.items() if times > 1] == []
    assert sorted(set(named) - set(ids) - anchors) == []


@each_page
def test_every_field_has_a_label_and_every_picture_a_text(name):
    """A screen reader can tell what each of them is."""
    page = rendered(name)
    labelled = set(page.values("for"))
    hidden = {"hidden", "submit"}

    for entry in page.all("input", "select", "textarea"):
        if entry.attributes.get("type") in hidden or "hidden" in entry.attributes:
            continue
        in_label = entry.attributes.get("name") in {"seen", "page"}
        assert entry.attributes.get("id") in labelled or in_label, entry
    assert all("alt" in picture.attributes for picture in page.all("img"))


@each_page
def test_one_main_button_at_most_in_a_view(name):
    """What comes next is never a choice between two loud buttons."""
    template, context = PAGES[name]
    html = RENDER.render(template, lang="vi", **context).partition("<dialog")[0]

    assert html.count("btn btn-main") <= 1


def test_a_name_never_becomes_markup():
    """What people type is shown as typed."""
    case = sample.case(sample.document(title=TAMPERED), requester=TAMPERED)

    html = RENDER.render("case.html", lang="vi", **signed_in(case))

    assert "<script>alert" not in html
    assert "&lt;script&gt;alert" in html


def test_a_refused_file_says_what_and_what_next():
    """The sentence stands beside the file's name."""
    html = RENDER.render(
        "page-desk.html", lang="vi", **signed_in(sample.desk_flagged())
    )

    row = html.partition("giay-khai-sinh.pdf")[2].partition("</li>")[0]
    assert "Tệp được mã hóa" in row
    assert "Quét lại từ bản giấy" in row


@pytest.mark.parametrize(
    ("lang", "told"),
    [
        ("vi", "Trang 1, 2, 3, 4, 5, 6, 7, 8 và 192 trang nữa dưới 200 dpi"),
        ("en", "Page 1, 2, 3, 4, 5, 6, 7, 8 and 192 more: under 200 dpi"),
    ],
)
def test_what_many_pages_have_is_said_once(lang, told):
    """A list of a line for each page hides what only one of them has."""
    pages = [sample.page(n, "under-200-dpi", dpi=150) for n in range(1, 201)]
    pages[99] = sample.page(100, "under-200-dpi", "upside-down", dpi=150)
    view = replace(sample.desk_flagged(), pages=tuple(pages))
    html = RENDER.render("page-desk.html", lang=lang, **signed_in(view))
    said = html.partition('<ul class="todo">')[2].partition("</ul>")[0]
    assert said.count("<li") == 2
    words = " ".join(re.sub(r"<[^>]+>", "", said).split())
    assert told in words
    assert re.search("(Trang|Page) 100", words)


def test_a_delay_says_since_when_and_when_next():
    """A stuck paper never just waits."""
    html = RENDER.render("case.html", lang="vi", **signed_in(sample.case()))

    assert "Chưa lấy được dấu thời gian từ tổ chức cấp." in html
    assert "16:25" in html
    assert "Số 1181/2026 được giữ." in html
    assert "data-moving" in html


def test_the_approval_is_not_offered_for_an_own_case():
    """Whoever received it sees why they cannot approve it."""
    html = RENDER.render(
        "review-wall.html", lang="vi", **signed_in(sample.wall_own_case())
    )

    assert "/approve" not in html
    assert "Người chứng thực khác phải duyệt" in html


def test_the_language_asked_for_is_kept():
    """?lang= answers in that language and sets the cookie for the next page."""
    first = RENDER("sign-in.html", sign_in_request("lang=en"), view=sample.sign_in())
    later = RENDER(
        "sign-in.html", sign_in_request("", "lang=en"), view=sample.sign_in()
    )
    odd = RENDER("sign-in.html", sign_in_request("lang=tlh"), view=sample.sign_in())

    assert "Staff sign-in" in bytes(first.body).decode()
    assert "lang=en" in first.headers["set-cookie"]
    assert "Staff sign-in" in bytes(later.body).decode()
    assert "Đăng nhập cho cán bộ" in bytes(odd.body).decode()


def sign_in_request(query, cookie=""):
    return Request(
        {
            "type": "http",
            "method": "GET",
            "path": "/sign-in",
            "scheme": "http",
            "server": ("127.0.0.1", 80),
            "query_string": query.encode(),
            "headers": [(b"cookie", cookie.encode())] if cookie else [],
        }
    )


async def test_static_files_are_kept_for_ever_under_their_digest():
    """A new release has new addresses; an old page's address still finds the file."""
    app = Starlette(routes=[Route("/", lambda _: None)])
    mount_static(app)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://desk") as client:
        url = RENDER.pages.assets.url("wall.js")
        fresh = await client.get(url)
        old = await client.get("/static/000000000000/wall.js")
        none = await client.get("/static/000000000000/../../__init__.py")

    assert fresh.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert fresh.headers["content-type"].startswith("text/javascript")
    assert old.headers["cache-control"] == "no-cache"
    assert old.content == fresh.content
    assert none.status_code == 404


def test_numbers_and_sizes_follow_the_language():
    """A fee and a file size read as they are written in each language."""
    assert format_number(118_000, lang="vi") == "118.000"
    assert format_number(118_000, lang="en") == "118,000"
    assert format_size(3_412_000, lang="vi") == "3,4 MB"
    assert format_size(200_000_000, lang="en") == "200 MB"
    assert format_size(200 << 20, lang="en") == "200 MB"
    assert format_size(12, lang="vi") == "1 KB"


def test_an_hour_is_shown_in_the_offices_zone():
    """Stored in UTC, shown in Asia/Ho_Chi_Minh, also over midnight."""
    row = ConflictView("Ai đó", datetime(2026, 12, 31, 18, 5, tzinfo=UTC), "/")

    html = RENDER.render("conflict.html", lang="vi", **signed_in(row))

    assert "01:05 01/01/2027" in html
    assert date(2027, 1, 1).strftime("%d/%m/%Y") in html


@pytest.mark.parametrize("state", ["registered", "signed"])
@pytest.mark.parametrize(
    ("pace", "promised", "sentence"),
    [
        ("usual", True, "Chưa cần làm gì"),
        ("slow", False, "quá một giờ thì gọi người vận hành hệ thống"),
        ("overlong", False, "Đã quá một giờ: gọi người vận hành hệ thống"),
    ],
)
def test_seconds_are_promised_only_while_they_last(state, pace, promised, sentence):
    """Afterwards: since when, and whom to call."""
    doc = sample.numbered(1, "1180", state, moving_since=sample.DUE, pace=pace)

    html = RENDER.render("case.html", lang="vi", **signed_in(sample.case(doc)))

    box = html.partition('<div class="next-box is-flow">')[2].partition("</div>")[0]
    assert ("thường dưới 5 giây" in box) is promised
    assert ("17:00" in box) is not promised
    assert sentence in box


def test_a_missed_try_and_a_long_delay_are_told_as_such():
    """Not "tries again at" an hour that is over, not "nothing to do" for ever."""
    stuck = replace(sample.delayed(), pace="overlong", missed=True)
    doc = sample.numbered(2, "1181", "unsigned", stuck=stuck)

    html = RENDER.render("case.html", lang="vi", **signed_in(sample.case(doc)))

    assert "lần thử hẹn lúc" in html
    assert "máy tự thử lại lúc" not in html
    assert "Đã quá một giờ: gọi người vận hành hệ thống." in html


def test_an_approval_that_is_late_asks_for_a_reminder():
    """ "Before the due hour" is not said when that hour is over."""
    doc = sample.document(
        state="awaiting", waits=sample.next_act("certify", "", mine=False)
    )
    case = sample.case(doc, late=True)

    html = RENDER.render("case.html", lang="vi", **signed_in(case))

    assert "nhắc người chứng thực" in html
    assert "trước hạn trả" not in html


def test_an_administrator_reads_the_detail_that_they_cannot_open():
    """What a halt has to say stands on the board of whoever opens no case."""
    halted = sample.halted()
    board = sample.board(may_open=False)

    shown = RENDER.render("board.html", lang="vi", **signed_in(board))
    hidden = RENDER.render("board.html", lang="vi", **signed_in(sample.board()))

    assert halted.why.detail in shown
    assert halted.why.detail not in hidden


def test_the_wait_of_a_finished_case_is_over():
    """The column that counts how long somebody waits does not go on counting."""
    html = RENDER.render("board.html", lang="vi", **signed_in(sample.board_done()))

    body = html.partition("<tbody")[2]
    assert body.count('class="num">–</td>') == 3


def test_what_was_done_is_said_with_the_way_to_the_case():
    """In the page, escaped, in both languages."""
    values = {"number": "2/2026", "title": TAMPERED}
    receipt = Receipt("approved", values, "H99.42.05.13-261123-0004")
    me = replace(sample.certifier(), receipt=receipt)

    html = RENDER.render("review-wall.html", lang="vi", view=sample.wall_empty(), me=me)

    assert "Đã duyệt 2/2026 · đang ký" in html
    assert 'href="/cases/H99.42.05.13-261123-0004">Xem hồ sơ 261123-0004' in html
    assert TAMPERED not in html


def test_a_closed_case_says_why_nothing_can_be_added():
    """To the clerk, with the way on; to nobody else."""
    closed = sample.case(sample.issued(), state="issued", closed=True)

    clerk = RENDER.render("case.html", lang="vi", **signed_in(closed))
    other = RENDER.render(
        "case.html", lang="vi", **signed_in(closed, sample.certifier())
    )

    assert "Mọi giấy trong hồ sơ đã xong" in clerk
    assert "Mọi giấy trong hồ sơ đã xong" not in other
    assert f'action="/cases/{closed.code}/documents"' not in clerk


def test_the_wall_shows_what_a_paper_was_filed_as():
    """Its kind in words beside its title, in the queue as well."""
    html = RENDER.render(
        "review-wall.html", lang="vi", **signed_in(sample.wall(), sample.certifier())
    )

    assert "<dt>Loại</dt><dd><b>Văn bằng, chứng chỉ</b></dd>" in html
    assert html.count("Loại: Văn bằng, chứng chỉ") == 6
    assert "ĐH Minh Họa Sông Trà" in html


def test_a_withdrawal_is_no_refusal_by_law():
    """RUT stands in a group of its own."""
    html = RENDER.render(
        "review-wall.html", lang="vi", **signed_in(sample.wall(), sample.certifier())
    )

    groups = html.partition('<dialog id="refuse"')[2].split("<fieldset")[1:4]
    assert ["RUT" in group for group in groups] == [False, False, True]
    assert "Theo ý người yêu cầu" in groups[2]


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_a_reason_of_a_newer_version_is_shown_in_plain_words(lang):
    """While an upgrade rolls, a service may halt for what this desk has no words for:
    the case, its timeline and the board say so instead of failing.
    """
    unknown = sample.halted("eclipse-of-the-sun")
    case = sample.case(
        sample.numbered(1, "1180", "unsigned", stuck=unknown),
        steps=(sample.step(12, "halted", "", 1, reason="eclipse-of-the-sun"),),
    )

    html = RENDER.render("case.html", lang=lang, **signed_in(case))

    words = RENDER.pages.words[lang]
    assert html.count(words("stuck.other.what")) == 2
    assert words("stuck.other.next") in html
