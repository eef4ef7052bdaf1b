"""Who signed a file that is not ours: beside the verdict, never instead of it."""

import asyncio
import io
import re
import zipfile

import pikepdf
import pytest

from corpus import signed
from storage.domain.gate import compile_trust
from strangers.limits import ReaderLimits
from strangers.reader import SignatureReader
from support.forging.copy import PINS, good
from support.forging.pki import ours as our_pki
from support.forging.pki import trust_document
from support.prepared import taken_over
from support.storage import shelf, words
from support.waiting import LONG_SECONDS

COPY = good().write()
JSON = {"Accept": "application/json"}
VERDICT_OF_OURS = re.compile(
    r"hợp lệ|có hiệu lực|\bvalid\b|trusted|tin cậy", re.IGNORECASE
)


@pytest.fixture(scope="module")
def files():
    """Made before a loop runs: pyHanko's signer brings its own."""
    names = ("signed_and_sealed", "text_added", "bytes_altered", "broken_cms")
    more = ("stamped", "locked", "form_removed", "harmful_names", "unsigned")
    return {name: getattr(signed, name)() for name in (*names, *more)}


@pytest.fixture
async def web(tmp_path):
    url = f"sqlite:///{tmp_path}/storage.db"
    async with shelf(tmp_path, url) as store, store.face() as client:
        yield client


async def check(web, content, place="/kiem-tra", **options):
    sent = {"file": ("thu.pdf", content, "application/pdf")}
    return await web.post(place, files=sent, **options)


async def test_the_page_names_the_signers_as_facts(web, files):
    """Who, under which authority, when, and what became of the file since."""
    page = await check(web, files["signed_and_sealed"])
    assert page.text.count("verdict verdict-foreign") == 1
    shown = words(page.text)
    assert "Ai đã ký tệp này" in shown
    assert "không phải kết luận của chúng tôi" in shown
    assert "Trần Thị Bích Hạnh, Văn phòng Luật Hoa Sen" in shown
    assert "Dấu số của tổ chức" in shown
    assert (
        "SaoMai-CA SHA-256, Công ty Sao Mai. Chúng tôi không biết nơi cấp này." in shown
    )
    assert "theo máy của người ký" in shown
    assert "tệp được điền biểu mẫu hoặc ký thêm, không rõ do ai" in shown
    assert "Tệp không thay đổi kể từ chữ ký này." in shown


@pytest.mark.parametrize(
    ("name", "vietnamese", "english"),
    [
        ("stamped", "16:30 20/11/2026, do SaoMai-TSA 2", "16:30 20/11/2026, by SaoMai"),
        ("text_added", "sau khi ký tệp đã bị thay đổi", "was changed after signing"),
        ("bytes_altered", "đã bị thay đổi sau khi ký", "was altered after signing"),
        ("broken_cms", "bên trong chữ ký hỏng", "inside of the signature is damaged"),
        ("locked", "không đọc được ai đã ký", "who signed it cannot be read"),
        ("form_removed", "không ô ký nào dẫn tới", "no signature field leads"),
    ],
)
async def test_each_fate_has_its_sentence_in_both_languages(
    web, files, name, vietnamese, english
):
    for place, sentence in (("/kiem-tra", vietnamese), ("/verify", english)):
        page = await check(web, files[name], place)
        assert page.status_code == 200
        start = page.text.index('<section class="signed"')
        block = page.text[start : page.text.index("</section>", start)]
        shown = words(f"<main>{block}</main>")
        assert sentence in shown
        assert not VERDICT_OF_OURS.search(shown)


async def test_programs_get_the_same_facts(web, files):
    """In /v1/verify and in the page's JSON; the verdict stays what it was."""
    bare = await web.post("/v1/verify", content=files["signed_and_sealed"])
    form = await check(web, files["signed_and_sealed"], headers=JSON)
    answer = bare.json()
    assert (answer["verdict"], answer["finding"]) == ("foreign", "signed-by-others")
    assert form.json()["signatures"] == answer["signatures"]
    facts = answer["signatures"]
    assert (facts["outcome"], facts["more"], facts["whole"]) == ("read", 0, True)
    first, second = facts["signatures"]
    assert first["signer"]["subject"]["common_name"] == "Trần Thị Bích Hạnh"
    assert (first["file_unchanged"], first["later"]) == ("no", "form")
    assert (second["kind"], second["file_unchanged"]) == ("seal", "yes")


async def test_the_contract_describes_the_facts(web):
    schemas = (await web.get("/v1/openapi.json")).json()["components"]["schemas"]
    named = {"SignaturesResponse", "SignatureResponse", "Certificate", "Stamp"}
    assert named <= set(schemas)
    assert "file_unchanged" in schemas["SignatureResponse"]["properties"]


async def test_a_file_without_a_signature_has_no_such_block(web, files):
    """Nothing is started for a scan, and nothing is said."""
    page = await check(web, files["unsigned"])
    assert "Ai đã ký" not in page.text
    assert (await check(web, files["unsigned"], headers=JSON)).json()[
        "signatures"
    ] is None


async def test_names_in_a_file_stay_text(web, files):
    page = await check(web, files["harmful_names"])
    assert "&lt;b&gt;" in page.text
    assert "<b>dài" not in page.text
    assert not {"\u202e", "\u2066", "\x07", "\x1b"} & set(page.text)


async def test_the_verdict_does_not_wait_for_a_worker_that_hangs(tmp_path, files):
    """The file's facts took too long: the verdict stands, and the page says so."""
    reader = SignatureReader(taken_over("hanging"), ReaderLimits(wall_seconds=1.0))
    url = f"sqlite:///{tmp_path}/storage.db"
    async with shelf(tmp_path, url, reader=reader) as store, store.face() as web:
        async with asyncio.timeout(LONG_SECONDS):  # for a worker that sleeps longer
            page = await check(web, files["stamped"])
    assert "verdict verdict-foreign" in page.text
    assert "chưa xem xong các chữ ký trong thời gian cho phép" in words(page.text)


@pytest.fixture
async def ours(tmp_path):
    url = f"sqlite:///{tmp_path}/storage.db"
    trust = compile_trust(trust_document(our_pki(), PINS))
    async with shelf(tmp_path, url, trust) as store:
        await store.archived(COPY)
        async with store.face() as client:
            yield client


def resaved(content):
    made = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as document:
        document.save(made)
    return made.getvalue()


CHANGES = {"resaved": resaved, "cut": lambda c: c[:-900], "before": lambda c: b"x" + c}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("place", ["/kiem-tra", "/verify"])
async def test_the_signatures_do_not_doubt_the_verdict(ours, change, place):
    """Changed, says the page: then no line says that this cannot be said, nor that no
    signature can be read in a file whose signature was just proven.
    """
    page = await check(ours, CHANGES[change](COPY), place)
    assert page.text.count("verdict verdict-changed") == 1
    shown = words(page.text)
    for doubt in (
        "Không nói được tệp có bị thay đổi",
        "không đọc được chữ ký số trong tệp này",
        "Whether the file was changed cannot be said",
        "could not read the digital signatures",
    ):
        assert doubt not in shown


async def test_a_package_is_asked_for_no_signatures(ours):
    """What is in it is another file, and was not looked at."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("ban-sao.pdf", COPY)
    page = await check(ours, packed.getvalue())
    assert page.text.count("verdict verdict-unreadable") == 1
    assert "Ai đã ký" not in page.text
