"""What is wrong before a key is used: no signature, the case's page says why and who
acts; after mending and "order again" the copy comes out under the same number.
"""

import contextlib
import re
import tomllib
from datetime import timedelta
from pathlib import Path

import pytest

from chassis.clock import utc_now
from chassis.starting import CannotStart
from ecopy.trust import TrustDocument
from onebox import cli, pki, prepare, story
from onebox.browser import Browser
from support.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="module")

ROOT = Path(__file__).parents[2]
WORDS = tomllib.loads((ROOT / "services/intake/web/i18n/vi.toml").read_text("utf-8"))


async def test_a_missing_original(struck):
    """Its object is gone from the store, and comes back from the backup."""
    filed, page = await halted(
        struck, "original-missing", lambda: moved_away(original(struck))
    )
    await comes_out(struck, filed, page)


async def test_a_corrupt_original(struck):
    """One byte of the object differs; its length is right."""

    def bent():
        content = bytearray(original(struck).read_bytes())
        content[900] ^= 1
        return rewritten(original(struck), bytes(content))

    filed, page = await halted(struck, "original-mismatch", bent)
    await comes_out(struck, filed, page)


async def test_another_original(struck):
    """A sound PDF lies there, but not the one that was ordered."""
    other = struck.scan.file.read_bytes()
    filed, page = await halted(
        struck, "original-mismatch", lambda: rewritten(original(struck), other)
    )
    await comes_out(struck, filed, page)


async def test_a_missing_key(struck):
    """The keys' file does not name it any more."""
    keys = struck.house.places.signing_keys
    officer, _, seal = keys.read_text("utf-8").partition("[keys.seal")
    assert "officer" in officer
    with rewritten(keys, f"[keys.seal{seal}".encode()):
        await struck.restart("signing")
        filed, page = await halted(struck, "key-missing")
    await struck.restart("signing")
    await comes_out(struck, filed, page)


async def test_a_missing_key_file(struck):
    """Its PKCS#12 is gone: the service runs, the desk hears of it."""
    with moved_away(struck.house.places.pki / "officer.p12"):
        await struck.restart("signing")
        filed, page = await halted(struck, "key-missing")
    assert "officer.p12" in page.text
    await struck.restart("signing")
    await comes_out(struck, filed, page)


async def test_a_wrong_password(struck):
    """Tried once; the page names the files, never the password."""
    path = struck.house.places.pki / "officer.password"
    secret = path.read_text()
    with rewritten(path, b"not-the-password"):
        await struck.restart("signing")
        filed, page = await halted(struck, "key-locked")
    assert "officer.p12" in page.text
    assert secret not in page.text
    assert "not-the-password" not in page.text
    await struck.restart("signing")
    await comes_out(struck, filed, page)


async def test_a_certificate_of_somebody_else(struck):
    """The officer's key id opens the seal's certificate."""
    folder = struck.house.places.pki
    with (
        rewritten(folder / "officer.p12", (folder / "seal.p12").read_bytes()),
        rewritten(folder / "officer.password", (folder / "seal.password").read_bytes()),
    ):
        await struck.restart("signing")
        filed, page = await halted(struck, "certificate-mismatch")
    await struck.restart("signing")
    await comes_out(struck, filed, page)


async def test_a_clause_that_does_not_fit(struck):
    """The agency's words fill more than their page: no number is taken; shortened, the
    same paper is approved.
    """
    agencies = struck.house.places.agencies
    text = agencies.read_text("utf-8")
    long = 'clause = "' + "Chứng thực bản sao đúng với bản chính. " * 200 + '"\n'
    with rewritten(agencies, text.replace("book =", f"{long}book =", 1).encode()):
        filed = await not_approved(struck, "Mục clause của cơ quan dài quá chỗ")
    await approved_after_all(struck, filed)


async def test_a_layout_that_is_not_there(struck):
    """The agency's file names one that signing has not: no number is taken."""
    agencies = struck.house.places.agencies
    text, versions = agencies.read_text("utf-8"), "[[agencies.versions]]"
    unknown = '[[agencies.layouts]]\ntemplate = "clause/99"\nvalid_from = 2025-07-01\n'
    wrong = text.replace(versions, f"{unknown}{versions}", 1)
    with rewritten(agencies, wrong.encode()):
        filed = await not_approved(struck, "Không có mẫu lời chứng tên “clause/99”")
    await approved_after_all(struck, filed)


async def test_a_revoked_officer(struck):
    """Revoked by the command: the next copy halts; a new certificate mends it."""
    var = struck.house.places.var
    assert cli.main(["--var", str(var), "pki", "revoke", "officer"]) == 0
    await struck.restart("signing")
    filed, page = await halted(struck, "certificate-revoked")
    await new_certificate(struck)
    await comes_out(struck, filed, page)


@pytest.mark.parametrize("begins", [-10, 10])
async def test_a_certificate_of_other_days(struck, begins):
    """Expired, or not yet valid: the page says from when to when it holds."""
    await new_certificate(struck, begins=begins, days=5)
    filed, page = await halted(struck, "certificate-expired")
    assert "có hiệu lực từ" in page.text
    await new_certificate(struck)
    await comes_out(struck, filed, page)


async def test_a_copy_that_the_archive_refused(struck):
    """The gate's trust document pins another stamp: sealed, not archived, and so are
    the two that are made in its place by themselves; then a person is asked. Mended and
    ordered again, one more copy is made, and each that was refused is destroyed.
    """
    places = struck.house.places
    trust = TrustDocument.model_validate_json(places.trust.read_bytes())
    first, second = trust.identities
    wrong = first.model_copy(update={"appearance_sha256": "0" * 64})
    other = trust.model_copy(update={"identities": (wrong, second)})
    with rewritten(places.trust, other.model_dump_json().encode()):
        await struck.restart("storage")
        filed, page = await halted(struck, "copy-refused", uses=3)
    await struck.restart("storage")
    used = keys_used(struck)
    await comes_out(struck, filed, page)
    assert keys_used(struck) == used + 1


async def test_the_journal_is_whole_after_all_this(struck, capfd):
    """``ecopy journal verify`` while the house runs: unbroken, nothing open."""
    var = struck.house.places.var
    assert cli.main(["--var", str(var), "journal", "verify"]) == 0
    output = capfd.readouterr().out
    assert "open: 0\nloose: 0\n" in output
    assert "nguyên vẹn" in output


async def halted(
    struck,
    reason,
    spoiled=contextlib.nullcontext,
    uses=0,
):
    """File and approve a case; its page once a person must act; *uses* of keys."""
    used = keys_used(struck)
    filed = await struck.file_case()
    with spoiled():
        await struck.approve(filed)
        page = await stopped(struck, filed)
    words = WORDS["stuck"][reason]
    box = page.words(r'<div class="next-box">.*?</form>|<div class="next-box">.*')
    assert words["what"] in box
    assert words["next"] in box
    assert keys_used(struck) == used + uses
    return filed, page


async def not_approved(struck, sentence):
    """File a case; the certifier is told why it cannot be approved, and the register
    stays as it was.
    """
    await struck.restart("intake")
    count = "SELECT count(*) FROM register"
    before = struck.rows("intake", count)
    filed = await struck.file_case()
    async with at_desk(struck, "certifier") as browser:
        with pytest.raises(CannotStart, match=re.escape(sentence)):
            await story.approve(browser, filed)
    assert struck.rows("intake", count) == before
    return filed


async def approved_after_all(struck, filed):
    """With the mended file: it takes the next number and comes out."""
    await struck.restart("intake")
    await struck.approve(filed)
    await struck.issued(filed)
    numbers = [n for (n,) in struck.rows("intake", "SELECT ordinal FROM register")]
    assert sorted(numbers) == list(range(1, len(struck.cases) + 1))


async def stopped(struck, filed):
    async with at_desk(struck, "clerk") as browser:

        async def stands():
            return story.HALTED in (await browser.look(filed.case)).text

        await until(stands)
        return await browser.look(filed.case)


async def comes_out(struck, filed, before):
    """The certifier presses the case's one button."""
    async with at_desk(struck, "certifier") as browser:
        page = await browser.look(filed.case)
        await browser.send(page, "/order-again", {})
    issued = await struck.issued(filed)
    assert issued.number == before.found(r"<dd>(\d+/\d{4})</dd>")
    numbers = [n for (n,) in struck.rows("intake", "SELECT ordinal FROM register")]
    assert sorted(numbers) == list(range(1, len(struck.cases) + 1))


async def new_certificate(struck, *, begins=0, days=365):
    """As ``ecopy pki renew`` and the next start do it, in a house that runs."""
    places = struck.house.places
    start = utc_now() + timedelta(days=begins)
    pki.renew(places.pki, "officer", start=start, days=days)
    trust = TrustDocument.model_validate_json(places.trust.read_bytes())
    pins = {i.role: i.appearance_sha256 for i in trust.identities}
    prepare.make_trust(places, pins)
    for name in ("pki", "intake", "signing", "storage"):
        await struck.restart(name)


def keys_used(struck):
    """Intents in the seal journal: written before any use of a key."""
    sql = "SELECT count(*) FROM seal_journal WHERE kind = 'intent'"
    return struck.rows("signing", sql)[0][0]


def original(struck):
    """The one normalised original: every case brings the same scan, in one file."""
    folder = struck.house.places.var / "objects" / "scans" / "parts"
    (path,) = folder.glob("*.pdf")
    return path


@contextlib.asynccontextmanager
async def at_desk(struck, role):
    browser = Browser(struck.house.desk)
    try:
        await story.sign_in(browser, struck.house.person(role))
        yield browser
    finally:
        await browser.close()


@contextlib.contextmanager
def moved_away(path):
    away = path.with_name(path.name + ".away")
    path.rename(away)
    try:
        yield
    finally:
        away.rename(path)


@contextlib.contextmanager
def rewritten(path, content):
    before = path.read_bytes()
    path.write_bytes(content)
    try:
        yield
    finally:
        path.write_bytes(before)
