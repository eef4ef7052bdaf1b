"""Rot in the archive is never served: it is healed, or the reader hears of it."""

import pytest
from sqlalchemy import select

from chassis.objects.directory import DirectoryObjects
from storage.adapters import tables
from storage.adapters.aside import SET_ASIDE
from storage.adapters.healing import sealed_key
from storage.domain.copies import archive_key
from storage.ports import NotWholeError
from support import build
from support.storage import TOKEN, shelf, words

CONTENT = bytes(range(256)) * 9000
SIZE = len(CONTENT)
PATH = f"/c/{TOKEN}/download"


@pytest.fixture
async def store(tmp_path):
    async with shelf(tmp_path, f"sqlite:///{tmp_path}/storage.db") as made:
        await made.archived(CONTENT)
        yield made


@pytest.fixture
async def web(store):
    async with store.face() as client:
        yield client


@pytest.fixture
def object_path(tmp_path):
    return tmp_path / "archive" / archive_key(build.ENTRY)


def flip(path, at):
    with path.open("r+b") as file:
        file.seek(at)
        (byte,) = file.read(1)
        file.seek(at)
        file.write(bytes([byte ^ 1]))


SPOIL = {
    "rotten": lambda path: flip(path, 1_500_000),
    "cut": lambda path: path.write_bytes(CONTENT[:-1]),
    "longer": lambda path: path.write_bytes(CONTENT + b"\n"),
    "missing": lambda path: path.unlink(),
}
ASK = {
    "whole": ("GET", {}),
    "a sound part": ("GET", {"Range": "bytes=0-9"}),
    "the rotten part": ("GET", {"Range": "bytes=1500000-1500000"}),
    "the end": ("GET", {"Range": "bytes=-5"}),
    "head": ("HEAD", {}),
}
CASES = [(spoil, "whole") for spoil in SPOIL] + [("rotten", ask) for ask in ASK][1:]


async def forget_sealed(store):
    copy = await store.catalogue.copy(build.ENTRY)
    await store.copies.delete(sealed_key(copy))


async def noted(store):
    query = select(tables.scrubs.c.found, tables.scrubs.c.healed)
    return await store.database.read(lambda tx: tx.execute(query).all())


@pytest.mark.parametrize(("spoil", "ask"), CASES)
async def test_what_nobody_has_any_more_is_not_served(
    store, web, object_path, spoil, ask
):
    """No byte of it, whatever part is asked for: 503, the number, and whom to ask."""
    method, headers = ASK[ask]
    await forget_sealed(store)
    SPOIL[spoil](object_path)
    answer = await web.request(method, PATH, headers=headers)
    assert answer.status_code == 503
    if method == "GET":
        shown = words(answer.text)
        assert "1180/2026" in shown
        assert "không còn nguyên vẹn" in shown
        assert "0900 000 100" in shown
    ((found, healed),) = await noted(store)
    assert (found != "sound", healed) == (True, False)
    assert store.downloads.counts["not_healed"] == 1


@pytest.mark.parametrize(("spoil", "ask"), CASES)
async def test_what_signing_still_has_is_healed_and_served(
    store, web, object_path, spoil, ask
):
    """The reader notices nothing; the row, the counter and the evidence remain."""
    method, headers = ASK[ask]
    sound = await web.request(method, PATH, headers=headers)
    SPOIL[spoil](object_path)
    answer = await web.request(method, PATH, headers=headers)
    assert answer.status_code == sound.status_code
    assert answer.content == sound.content
    assert object_path.read_bytes() == CONTENT
    ((_, healed),) = await noted(store)
    assert healed
    assert store.downloads.counts["healed"] == 1


async def test_a_second_archive_heals_what_signing_has_no_more(
    store, web, object_path, tmp_path
):
    """A mounted backup with the archive's keys."""
    backup = DirectoryObjects(tmp_path / "second")
    await backup.put(archive_key(build.ENTRY), CONTENT)
    await forget_sealed(store)
    flip(object_path, 0)
    assert (await web.get(PATH)).content == CONTENT
    aside = [key async for key, _ in store.archive.listing()]
    assert max(aside).startswith(f"{SET_ASIDE}/{build.ENTRY}/")


@pytest.mark.usefixtures("store")
async def test_the_second_archive_is_never_written_to(tmp_path):
    """Not even made: it may be mounted read-only, or not at all."""
    assert not (tmp_path / "second").exists()


@pytest.mark.parametrize("language", ["vi", "en"])
async def test_a_program_hears_it_as_a_problem(store, web, object_path, language):
    """problem+json with the number."""
    await forget_sealed(store)
    object_path.unlink()
    accept = {"Accept": "application/json"}
    answer = await web.get(f"{PATH}?lang={language}", headers=accept)
    assert answer.status_code == 503
    assert answer.json()["detail"] == "1180/2026"


async def _all(stream, received):
    async for chunk in stream:
        received.append(chunk)


async def test_what_rots_while_it_is_streamed_is_not_completed(store, object_path):
    """The check was good, the disk was not: the last piece is withheld."""
    copy = await store.catalogue.copy(build.ENTRY)
    stream = store.storage.read(copy, None)
    received = [await anext(stream)]
    flip(object_path, SIZE - 1)
    with pytest.raises(NotWholeError):
        await _all(stream, received)
    assert sum(map(len, received)) < SIZE
    assert CONTENT.startswith(b"".join(received))
    assert store.downloads.counts["withheld"] == 1


async def test_the_verdict_stays_the_catalogues(store, web, object_path):
    """The check page judges the file that is brought, whatever became of ours."""
    await forget_sealed(store)
    object_path.unlink()
    answer = await web.get(f"/v1/digests/{build.digest(CONTENT)}")
    assert answer.json()["verdict"] == "genuine"
