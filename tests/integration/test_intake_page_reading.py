"""Pages read by the real engine in its cell, and what the desk says without one."""

import json
from dataclasses import asdict, replace
from itertools import islice

import pytest
from structlog.testing import capture_logs

from chassis import tesseract
from chassis.objects.directory import DirectoryObjects
from chassis.workers import Zygote, open_zygote
from corpus.labelled.official import FIELDS, papers
from ecopy.refusals import Trouble
from intake.adapters.reading.process import LIMITS, SandboxedReader
from intake.adapters.rebuild.process import ENVIRONMENT
from intake.domain.page_texts import PageText
from intake.domain.proposing import proposals
from intake.ports import PageUnread
from intake.settings import ReadingSettings
from intake.wiring.transcribing import open_reader
from support import build, cell, read_pages
from support.deeds import deeds
from support.engine import prepared_engine
from support.intake import app_of, browsing
from support.papers import open_papers
from support.prepared import prepared_rebuilder

LANGUAGE = f"{tesseract.LANGUAGE}.traineddata"


@pytest.fixture(scope="module")
def certificate():
    """A confirmation, scanned, with the fields that stand on it."""
    return next(islice(papers(1, 2, "scan"), 1, None))


@pytest.fixture
async def store(tmp_path):
    return DirectoryObjects(tmp_path / "objects")


async def on_desk(store, image, folder, turn=0):
    """See ``support.read_pages``, with the rebuilder of this process."""
    (folder / "page").mkdir()
    rebuilder = prepared_rebuilder()
    return await read_pages.on_desk(image, rebuilder, store, folder / "page", turn)


def reader(store, limits=LIMITS):
    """A reader with this machine's engine; nothing here has to wait for others."""
    return SandboxedReader(store, prepared_engine(), limits, nice=0)


def offered(page, lines):
    offers = proposals([PageText(page.id, "d", "read", lines)])
    return {name: offer.value for name, offer in offers.items()}


async def test_a_certificate_is_read_in_the_cell(certificate, store, tmp_path):
    """Each field that stands on it, by the workers that a service starts."""
    page = await on_desk(store, certificate.image, tmp_path)
    lines, engine = await reader(store).read(page)
    day = certificate.fields["date"].split("-")
    expected = {**certificate.fields, "date": "/".join(reversed(day))}
    found = offered(page, lines) | {"date": offered(page, lines)["issued_on"]}
    assert {name: found[name].casefold() for name in FIELDS} == {
        name: expected[name].casefold() for name in FIELDS
    }
    assert engine.startswith("tesseract 5")
    assert engine.endswith(tesseract.LANGUAGE)


@pytest.mark.parametrize("how", ["upside down", "on its side", "turned by the clerk"])
async def test_however_the_page_was_laid(how, certificate, store, tmp_path):
    """The desk's flag, or the clerk's own turn, says how a page is held to be read."""
    degrees, turn = {
        "upside down": (180, 0),
        "on its side": (90, 0),
        "turned by the clerk": (90, 90),
    }[how]
    image = certificate.image.rotate(degrees, expand=True)
    page = await on_desk(store, image, tmp_path, turn)
    lines, _ = await reader(store).read(page)
    assert offered(page, lines)["number"] == certificate.fields["number"]


async def test_a_shadow_over_half_of_the_page_hides_no_number(
    certificate, store, tmp_path
):
    """What is ink is decided by its surroundings, not by the page."""
    dark = certificate.image.point(lambda level: level // 2)
    half = (0, 0, dark.width // 2, dark.height)
    shaded = certificate.image.copy()
    shaded.paste(dark.crop(half), half)
    page = await on_desk(store, shaded, tmp_path)
    lines, _ = await reader(store).read(page)
    assert offered(page, lines)["number"] == certificate.fields["number"]


async def test_a_busy_machine_is_not_the_pages_fault(certificate, store, tmp_path):
    """A page that is not read in time waits on."""
    page = await on_desk(store, certificate.image, tmp_path)
    with pytest.raises(Trouble):
        await reader(store, replace(LIMITS, wall_seconds=0.0)).read(page)


async def test_what_cannot_be_read_is_the_pages_own_fault(certificate, store, tmp_path):
    """More than the memory that it may have; a picture that is not its manifest's."""
    page = await on_desk(store, certificate.image, tmp_path)
    with pytest.raises(PageUnread, match="too-much-work"):
        await reader(store, replace(LIMITS, address_space_bytes=16 << 20)).read(page)
    image = page.manifest.images[0].model_copy(update={"sha256": build.digest(b"x")})
    other = page.manifest.model_copy(update={"images": (image,)})
    with pytest.raises(PageUnread, match="damaged"):
        await reader(store).read(replace(page, manifest=other))


async def test_nothing_that_the_worker_tries_leaves_the_cell(
    certificate, store, tmp_path
):
    """The deeds of ``test_sandbox``, where the engine would look at the page."""
    prepared_engine()
    page = await on_desk(store, certificate.image, tmp_path)
    with cell.baited(tmp_path) as bait:
        environment = {
            **ENVIRONMENT,
            **tesseract.ENVIRONMENT,
            "TESSDATA_PREFIX": str(tesseract.data_folder()),
            "BAIT": json.dumps(asdict(bait)),
        }
        with open_zygote(
            Zygote("support.taken_pages:main", environment=environment)
        ) as workers:
            lines, _ = await SandboxedReader(store, workers, nice=0).read(page)
        expected = deeds(bait).keys()
    words = [word.text.rpartition("=") for line in lines for word in line]
    outcomes = {deed: error for deed, _, error in words}
    assert outcomes.keys() == expected
    refused = {"EACCES", "EPERM", "EMFILE"}
    mild = {"fork": "ENOSYS", "vfork": "ENOSYS", "what was left open": "EBADF"}
    wrong = {d: e for d, e in outcomes.items() if e not in refused | {mild.get(d)}}
    assert wrong == {}


def test_an_empty_folder_is_no_engine(tmp_path):
    """Said at the start, with the package that is missing; no worker is started."""
    settings = ReadingSettings(data=tmp_path)
    with (
        capture_logs() as logs,
        open_reader(settings, DirectoryObjects(tmp_path)) as absent,
    ):
        assert tesseract.PACKAGES[1] in absent.lacking
    (line,) = [entry for entry in logs if entry["event"] == "pages_are_not_read"]
    assert tesseract.PACKAGES[1] in line["lacking"]


def test_reading_can_be_switched_off(tmp_path):
    settings = ReadingSettings(enabled=False)
    with open_reader(settings, DirectoryObjects(tmp_path)) as absent:
        assert absent.lacking == ("INTAKE__READING__ENABLED=true",)


def test_the_engine_is_looked_for_where_the_settings_say(tmp_path):
    """Debian's folder, or another one with the language in it."""
    prepared_engine()
    assert tesseract.lacking() == ()
    assert tesseract.PACKAGES[1] in tesseract.lacking(tmp_path)
    (tmp_path / LANGUAGE).write_bytes(b"data")
    assert tesseract.lacking(tmp_path) == ()


async def test_without_an_engine_the_page_says_so(tmp_path):
    """The page names the packages in plain words; the fields are there to be typed, and
    what is typed is the clerk's.
    """
    async with open_papers(tmp_path) as papers:
        document = await papers.scanned()
        assert not await papers.desk.transcribing.read_next()
        async with browsing(app_of(papers.opened), "ha") as (ha,):
            page = await ha.look(f"/documents/{document}/desk")
            assert "cần thêm: tesseract-ocr, tesseract-ocr-vie" in page.text
            said = {"number": "12/2018", "issued_on": "2018-12-15"}
            page = await ha.send(
                page, f"/documents/{document}/details", holder="Lò Ban Mai", **said
            )
        paper = (await papers.known(document)).paper
        assert (paper.number, paper.holder) == ("12/2018", "Lò Ban Mai")
        assert 'value="15/12/2018"' in page.text
        assert "Đã ghi nội dung của giấy" in page.text
