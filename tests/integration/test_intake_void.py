"""A number that stands still, as the certifier and the clerk see it: when a person may
act, the form that declares it void, and what the case and the register say then.
"""

import pytest
import pytest_asyncio

from ecopy.events import CertificationClosed
from intake import wiring
from intake.domain.states import State
from support.intake import Form, app_of, browsing
from support.papers import open_papers

REASON = "Người yêu cầu không cần bản sao nữa"


@pytest_asyncio.fixture
async def papers(tmp_path):
    async with open_papers(tmp_path) as opened:
        yield opened


def case_of(document):
    return f"/cases/{document.rsplit('-', 1)[0]}"


async def test_the_page_says_when_a_person_may_act(papers):
    """Usual for a minute; then since when, what the machine does and when a person may;
    after ten minutes both forms, for the certifier alone; after an hour whom to call.
    """
    document = await papers.registered()
    acts = [f"/documents/{document}/{act}" for act in ("order-again", "void")]
    async with browsing(app_of(papers.opened), "ha", "vinh") as (clerk, certifier):

        async def shown():
            pages = [await who.look(case_of(document)) for who in (clerk, certifier)]
            offered = [[act in page.text for act in acts] for page in pages]
            return pages[0].text, offered

        nobody = [[False, False], [False, False]]
        text, offered = await shown()
        assert "thường dưới 5 giây" in text
        assert offered == nobody
        papers.opened.clock.on(minutes=2)
        await wiring.repeated(papers.opened, voids=False)
        text, offered = await shown()
        assert "thường dưới 5 giây" not in text
        for words in ("Chờ máy ký từ", "09:00", "đã hỏi lại 1 lần", "09:06", "09:10"):
            assert words in text
        assert offered == nobody
        papers.opened.clock.on(minutes=8)
        _, offered = await shown()
        assert offered == [[False, False], [True, True]]
        for n in range(4):
            papers.opened.clock.on(minutes=13)
            text, _ = await shown()
            assert ("Chưa cần làm gì" in text) is (n < 3)
        assert "Đã quá một giờ: gọi người vận hành hệ thống." in text


@pytest.mark.parametrize("ended", ["void", "refused", "held"])
async def test_no_fee_is_asked_for_a_paper_without_a_copy(papers, ended):
    """Neither in the case's header nor beside the paper; until then it is."""
    document = await papers.awaiting()
    async with browsing(app_of(papers.opened), "ha") as (clerk,):
        page = await clerk.look(case_of(document))
        assert page.text.count("2.000 đ") == 2
        document = await getattr(papers, ended)()
        page = await clerk.look(case_of(document))
        assert "2.000 đ" not in page.text
        assert page.text.count("0 đ") == 2


async def test_a_number_is_declared_void_by_its_form(papers):
    """Without a reason nothing happens; pressed twice, it is once; the register keeps
    the line and names person, reason and moment.
    """
    document = await papers.halted()
    act = f"/documents/{document}/void"
    async with browsing(app_of(papers.opened), "ha", "vinh") as (clerk, certifier):
        page = await certifier.look(case_of(document))
        unsaid = await certifier.send(page, act, text=" ")
        assert unsaid.status_code == 422
        assert "Nêu rõ vì sao hủy số này" in unsaid.text
        before = await papers.known(document)
        assert before.state is State.REGISTERED
        first = await certifier.send(page, act, text=REASON)
        again = await certifier.send(page, act, text=REASON)
        for answer in (first, again):
            assert answer.url.path == case_of(document)
            assert "Đang hủy số 1/2026" in answer.text
        known = await papers.known(document)
        assert (known.state, known.version) == (State.VOIDING, before.version + 1)
        closed = CertificationClosed(
            at=papers.opened.clock(), entry=known.certification.entry, revision=2
        )
        await wiring.event_handlers(papers.opened).closed(closed)
        page = await clerk.look(case_of(document))
        assert f"Lý do: {REASON}" in page.text
        assert "lập hồ sơ mới" in page.text
        book = (await clerk.look("/register")).text
        assert f"Số hủy: {REASON}, Phạm Quốc Vĩnh, 09:00 23/11/2026" in book
        assert "Cộng 1 số trong tháng, trong đó 1 số hủy" in book
        state = (await clerk.look(f"/v1{case_of(document)}")).json()
        assert (state["state"], state["moving"]) == ("void", False)
        board = (await clerk.look("/?state=void")).text
        assert "Đã xong trong tháng 11/2026" in board
        assert "Nguyễn Thị Bích Đào" in board


async def test_another_reason_under_the_same_form_is_asked_about(papers):
    """The first one acted. What was typed then is shown; it cannot be sent any more."""
    document = await papers.halted()
    act = f"/documents/{document}/void"
    async with browsing(app_of(papers.opened), "vinh") as (certifier,):
        page = await certifier.look(case_of(document))
        await certifier.send(page, act, text=REASON)
        other = await certifier.send(page, act, text="Lý do khác")
    assert other.status_code == 409
    assert "Bước này không còn làm được" in other.text
    assert "Lý do khác" in other.text
    assert (await papers.known(document)).certification.voiding.reason == REASON


async def test_a_reason_survives_the_end_of_the_session(papers):
    """Signed in again, it stands in its form on the case, open and ready to send."""
    document = await papers.halted()
    act = f"/documents/{document}/void"
    async with browsing(app_of(papers.opened), "vinh") as (certifier,):
        page = await certifier.look(case_of(document))
        certifier.http.cookies.clear()
        page = await certifier.send(page, act, text=REASON)
        assert page.status_code == 401
        page = await certifier.send(
            page, "/sign-in", user="vinh", password="lua-nuoc-song-nui-1"
        )
        assert REASON in page.text
        assert "text" in Form(page.text, act).order
        page = await certifier.http.post(
            act, data=Form(page.text, act).sent(text=REASON)
        )
        assert "Đang hủy số 1/2026" in page.text
