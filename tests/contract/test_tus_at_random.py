"""Uploads under whatever may come between, at random: the bytes are those that were
sent, and no more is sent twice than a killed process had not stored yet.
"""

import random
from dataclasses import dataclass, replace

import pytest

from chassis.objects.opening import open_objects
from chassis.settings import ObjectsSettings
from intake import wiring
from intake.app.application import create_app
from intake.wiring.uploading import stored_uploads
from support.settings import share
from support.tus import PIECES, RESUMABLE, Sender, cut_off, two_replicas

PIECE = 1000
STEPS = ("whole", "cut", "killed", "late", "asked", "restarted")


@pytest.fixture
async def house(tmp_path):
    store = open_objects(ObjectsSettings(url=f"file:{tmp_path}/store"))
    url = f"sqlite:///{tmp_path}/intake.db"
    async with two_replicas(url, store, tmp_path) as opened:
        yield opened
    store.close()


@dataclass
class Journey:
    """One upload on its way through trouble."""

    house: object
    sender: Sender
    url: str
    content: bytes
    chance: random.Random
    at: int = 0
    """Where the sender believes the server to be."""
    sent: int = 0
    lost: int = 0
    """Bytes in the hand of processes that were killed."""

    def app(self):
        """A replica, newly started: all that it knows is in database and store."""
        opened = self.chance.choice(self.house.replicas)
        desk = wiring.desk(opened)
        small = replace(desk.uploading, piece_bytes=PIECE)
        return create_app(replace(desk, uploading=small))

    async def go(self) -> None:
        while self.at < len(self.content):
            await getattr(self, self.chance.choice(STEPS))()
            there = await self.sender.offset(self.url)
            assert there >= self.at
            self.at = there

    def chunks(self) -> list[bytes]:
        """Some bytes from where the sender is, as the line cuts them up."""
        end = min(len(self.content), self.at + self.chance.randint(1, 4 * PIECE))
        chunks, start = [], self.at
        while start < end:
            size = self.chance.randint(1, PIECE)
            chunks.append(self.content[start : min(end, start + size)])
            start += size
        self.sent += end - self.at
        return chunks

    async def whole(self) -> None:
        """A request that arrives, and its answer, too."""
        answer = await self.sender.patch(self.url, self.at, b"".join(self.chunks()))
        assert answer.status_code == 204

    async def cut(self) -> None:
        """The sender is gone in the middle: what came is kept."""
        said = {**RESUMABLE, **self.sender.headers}
        said |= {"Upload-Offset": str(self.at), "Content-Type": PIECES}
        said |= {"Transfer-Encoding": "chunked"}
        await cut_off(self.app(), "PATCH", self.url, said, *self.chunks())

    async def killed(self) -> None:
        """kill -9 when a piece was stored and no row named it: it is sent again."""
        opened = self.house.replicas[0]
        uploads = stored_uploads(opened.store, opened.objects)
        upload = await uploads.find(self.url.rpartition("/")[2])
        lost = b"".join(self.chunks())
        self.lost += len(lost)
        await uploads.keep_piece(upload, lost)

    async def late(self) -> None:
        """An older request comes once more: it changes nothing."""
        if self.at:
            old = self.chance.randrange(self.at)
            answer = await self.sender.patch(self.url, old, b"x" * 9)
            assert answer.status_code == 409

    async def asked(self) -> None:
        assert await self.sender.offset(self.url) == self.at

    async def restarted(self) -> None:
        """The loop of a replica that has just been started."""
        await wiring.desk(self.house.replicas[1]).uploading.finish_rest()


@pytest.mark.parametrize("seed", range(share(12)))
@pytest.mark.drawn
async def test_the_bytes_are_those_that_were_sent(house, seed):
    """One file; whatever was not in a killed process's hand was sent once."""
    chance = random.Random(seed)
    content = chance.randbytes(chance.randint(1, 30 * PIECE))
    document = await house.papers.received()
    async with house.sender() as sender:
        begun = await sender.begin(document, len(content))
        journey = Journey(house, sender, begun.headers["Location"], content, chance)
        await journey.go()
    (file,) = (await house.known(document)).files
    assert await house.papers.opened.objects.get(file.raw.key) == content
    assert journey.sent == len(content) + journey.lost
    assert await house.pieces() == []
