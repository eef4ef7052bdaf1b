"""How a result goes out, as a clerk puts it down at the desk."""

import re

import pytest_asyncio

from ecopy.events import LinkReported, LinkVisits
from intake import wiring
from intake.domain.certifications import Way
from support.handouts import words
from support.intake import CASE, app_of, browsing
from support.papers import open_papers

ISSUED = "/?state=issued"
OFFERED = re.compile(r'id="way-(\w+)"')
WAITS = "Đã có liên kết để"


@pytest_asyncio.fixture
async def papers(tmp_path):
    async with open_papers(tmp_path) as opened:
        yield opened


def case_of(document):
    return f"/cases/{document.rsplit('-', 1)[0]}"


async def test_the_board_waits_until_the_link_was_handed_over(papers):
    """Put down with the clerk's name, and not offered again; a mistake is noted and the
    board waits again; a form that is older than the case is told who was first.
    """
    document = await papers.issued()
    case = case_of(document)
    async with browsing(app_of(papers.opened), "man", "ha") as (clerk, other):
        assert WAITS in (await clerk.look(ISSUED)).text
        page, stale = await clerk.look(case), await other.look(case)
        unsaid = await clerk.send(page, f"{case}/hand-over")
        assert unsaid.status_code == 422
        assert "Chưa đánh dấu đã giao bằng cách nào" in unsaid.text
        page = await clerk.send(page, f"{case}/hand-over", way=["slip", "original"])
        assert "Đã ghi giao kết quả, 1 giấy." in page.text
        assert "Giao phiếu in có mã QR" in page.text
        assert OFFERED.findall(page.text) == ["screen"]
        assert WAITS not in (await clerk.look(ISSUED)).text
        late = await other.send(stale, f"{case}/hand-over", way="screen")
        assert late.status_code == 409
        assert "Cao Xuân Mẫn" in late.text
        mistake = f"/documents/{document}/hand-over/1/mistake"
        page = await clerk.send(page, mistake)
        assert "ghi nhầm: Cao Xuân Mẫn" in page.text
        assert OFFERED.findall(page.text) == ["screen", "slip"]
        assert WAITS in (await clerk.look(ISSUED)).text

    known = await papers.known(document)
    assert known.given == {Way.ORIGINAL}


async def test_the_slip_is_a_key_and_says_so(papers):
    """With the link and no name of a person but the clerk's; before the copy is issued
    there is none.
    """
    document, waiting = await papers.issued(), await papers.awaiting()
    async with browsing(app_of(papers.opened), "man") as (clerk,):
        slip = f"/documents/{document}/handouts/link"
        page = await clerk.look(case_of(document))
        assert f'href="{slip}"' in page.text
        printed = await clerk.look(slip)
        early = await clerk.look(f"/documents/{waiting}/handouts/link")

    (text,) = words(printed.content)
    certified = (await papers.known(document)).certification
    url = papers.desk.rules.link(certified.entry, certified.link_generation)
    assert url in re.sub(r"[\s\u200b]", "", text)
    assert "là chìa khóa mở bản sao" in " ".join(text.split())
    assert CASE["requester"] not in text
    assert early.status_code == 422
    assert "chưa được cấp" in early.text


async def test_a_clerk_renews_and_closes_the_link_with_a_reason(papers):
    """The page says what became of it, who did what and why, and shows the new one."""
    document = await papers.handed()
    case, act = case_of(document), f"/documents/{document}/link"
    certified = (await papers.known(document)).certification
    old = papers.desk.rules.link(certified.entry, 1)
    reported = wiring.event_handlers(papers.opened).reported
    fact = {"at": papers.opened.clock(), "entry": certified.entry}
    visits = LinkVisits(count=3, first_at=fact["at"], last_at=fact["at"])
    await reported(
        LinkReported(**fact, generation=1, expires_at=fact["at"], opened=visits)
    )
    async with browsing(app_of(papers.opened), "man") as (clerk,):
        page = await clerk.look(case)
        assert "Người giữ liên kết mở lần đầu" in page.text
        assert "3 lần" in page.text
        unsaid = await clerk.send(page, f"{act}/renew", ground="")
        assert unsaid.status_code == 422
        page = await clerk.send(
            page, f"{act}/renew", ground="lost", days="7", factor="phone"
        )
        assert "Hỏi thêm" in page.text
        assert old not in page.text
        assert papers.desk.rules.link(certified.entry, 2) in page.text
        assert "Mở được đến hết 30/11/2026" in page.text
        assert "Lý do: Người yêu cầu mất liên kết hoặc phiếu in" in page.text
        assert "Đang báo trang công khai" in page.text
        assert WAITS in (await clerk.look(ISSUED)).text
        page = await clerk.send(page, f"{act}/close", ground="wrong-person")
        assert "Lý do: Đã giao nhầm người" in page.text
        assert "/link.svg" not in page.text
        assert "/handouts/link" not in page.text
        assert 'value="original"' in page.text
        assert 'value="slip"' not in page.text
        assert (await clerk.look(f"/documents/{document}/link.svg")).status_code == 404
        assert (
            await clerk.look(f"/documents/{document}/handouts/link")
        ).status_code == 422
