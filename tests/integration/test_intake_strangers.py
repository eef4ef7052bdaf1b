"""A signed file at the desk is refused, and the clerk sees who signed it."""

import json

import pytest

from corpus import hostile, signed
from intake.adapters.sql.cases import SqlCases
from support.intake import CASE, app_of, browsing, open_desk, path_of
from support.storage import words


@pytest.fixture(scope="module")
def files():
    """Made before a loop runs: pyHanko's signer brings its own."""
    return {
        "hop-dong.pdf": signed.signed_and_sealed(),
        "them-chu.pdf": signed.text_added(),
        "go-tay.pdf": hostile.signed_pdf(),
    }


@pytest.fixture
async def house(tmp_path):
    async with open_desk(tmp_path) as opened:
        yield opened


@pytest.fixture
async def desk(house):
    async with browsing(app_of(house), "ha") as (ha,):
        page = await ha.look("/cases/new")
        page = await ha.send(page, "/cases", **CASE)
        yield ha, page, path_of(page).removesuffix("/desk")


async def test_the_desk_says_who_signed_a_refused_file(desk, files):
    """Beside the sentence of the refusal, also after the page is loaded anew."""
    ha, page, document = desk
    await ha.upload(page, f"{document}/files", *files.items())
    page = await ha.look(f"{document}/desk")
    shown = words(page.text)
    assert shown.count("bản chính điện tử (mã DTU)") == 3
    assert shown.count("Ai đã ký tệp này") == 3
    assert "không phải kết luận của chúng tôi" in shown
    assert "Sở Tư pháp tỉnh Lâm Sơn, UBND tỉnh Lâm Sơn Dấu số của tổ chức" in shown
    assert "SaoMai-CA SHA-256, Công ty Sao Mai" in shown
    assert "sau khi ký tệp đã bị thay đổi, không rõ do ai" in shown
    english = words((await ha.look(f"{document}/desk?lang=en")).text)
    assert "The file has not changed since this signature." in english


async def test_programs_get_the_facts_of_a_refused_file(desk, files):
    """In the upload's answer: structured, and not as a sentence."""
    ha, page, document = desk
    sent = ("hop-dong.pdf", files["hop-dong.pdf"])
    accept = {"Accept": "application/json"}
    answer = await ha.upload(page, f"{document}/files", sent, headers=accept)
    (refused,) = answer.json()["files"]
    assert (refused["reason"], refused["detail"]) == ("already-signed", "")
    assert refused["signatures"]["outcome"] == "read"
    first, second = refused["signatures"]["signatures"]
    assert first["signer"]["subject"]["common_name"] == "Trần Thị Bích Hạnh"
    assert (second["kind"], second["intact"], second["coverage"]) == (
        "seal",
        "yes",
        "file",
    )


async def test_what_is_stored_is_bounded_and_structured(house, desk, files):
    """Facts as JSON, of a known size; an older refusal without them shows none."""
    ha, page, document = desk
    await ha.upload(page, f"{document}/files", *files.items())
    known = await SqlCases(house.store).document(document.rsplit("/", 1)[-1])
    for file in known.files:
        assert json.loads(file.detail)["outcome"] in ("read", "unreadable", "none")
        assert len(file.detail) < 20_000
