"""What the desk shows of a paper whose scans were given up."""

from datetime import timedelta

from intake.adapters.finished_scans import FinishedScans
from support.intake import app_of, browsing
from support.papers import open_papers

SAID = "đã hết hạn giữ"


async def test_the_desk_says_that_the_pictures_are_no_longer_kept(tmp_path):
    """In plain words on each page where they stood, and no broken picture; one that is
    asked for by its old address is not found.
    """
    async with open_papers(tmp_path) as papers:
        document = await papers.issued()
        known = await papers.known(document)
        picture = f"/documents/{document}/pictures/{known.page_digests[0]}"
        house = papers.opened
        async with browsing(app_of(house), "vinh", "ha") as (vinh, ha):
            assert (await ha.look(f"{picture}/thumb")).status_code == 200
            house.clock.on(days=31)
            scans = FinishedScans(house.store, house.objects, house.clock)
            await scans.remove(house.clock() - timedelta(days=30), 9)
            house.clock.on(days=2)
            assert await scans.remove(house.clock() - timedelta(days=30), 9)
        async with browsing(app_of(house), "vinh", "ha") as (vinh, ha):
            pages = (
                await ha.look(f"/documents/{document}/desk"),
                await ha.look(f"/cases/{known.case}"),
                await vinh.look(f"/wall/{document}"),
            )
            for page in pages:
                assert page.status_code == 200
                assert SAID in page.text, page.url
                assert "/pictures/" not in page.text
            for kind in ("thumb", "large"):
                answer = await ha.look(f"{picture}/{kind}")
                assert answer.status_code == 404
            assert "đã bỏ bản quét" in pages[1].text
            told = await ha.look(f"/v1/cases/{known.case}")
            assert told.json()["documents"][0]["pictures"] == []
