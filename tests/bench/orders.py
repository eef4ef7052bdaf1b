"""What the bench signs: a served PKI, W3 as intake normalises it, orders."""

import contextlib
import io
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from PIL import Image

from bench.thread import make_scan
from chassis.clock import utc_now
from ecopy.events import CertificationOrdered, ManifestPage
from intake.domain.scan import SourceFile
from onebox import pki as development_pki
from onebox.settings import for_child
from signing.adapters.authorities.http_client import HttpClient
from support import servers
from support.authority import Pki, keys_file_of, trust_of
from support.orders import order_of
from support.originals import ScanImage, full_page, jpeg, original_of
from support.prepared import prepared_rebuilder

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LARGE_PAGES = 200
LARGE_BYTES = 200_000_000
A4_PIXELS = (2480, 3508)


@dataclass(frozen=True)
class Material:
    folder: Path
    pki: Pki

    @property
    def base(self) -> str:
        return self.pki.base


@contextlib.asynccontextmanager
async def laid_out(folder: Path) -> AsyncIterator[Material]:
    """PKI and TSA served by a process of their own; W3 and its order as files."""
    port = servers.free_port()
    base = f"http://127.0.0.1:{port}"
    development_pki.make(folder / "pki", base=base, now=utc_now())
    command = [
        *(sys.executable, "-m", "onebox.pki_server"),
        *("--folder", str(folder / "pki"), "--port", str(port)),
    ]
    with servers.running(command, folder / "pki.log", env=for_child({})):
        servers.wait_for(lambda: servers.listening(port), "the PKI's server")
        material = Material(folder, served(folder, base))
        (folder / "trust.json").write_text(material.pki.trust.model_dump_json())
        await normalise(material)
        yield material
        material.pki.web.close()


def served(folder: Path, base: str) -> Pki:
    """The PKI in *folder*, which another process serves."""
    pki = folder / "pki"
    return Pki(pki, base, trust_of(pki), keys_file_of(pki), HttpClient())


async def normalise(material: Material) -> None:
    """W3 by its generator, rebuilt by intake's own sandbox."""
    folder = material.folder
    make_scan(folder / "w3.pdf")
    into = folder / "rebuilt"
    into.mkdir()
    source = SourceFile("w3.pdf", folder / "w3.pdf")
    rebuilt = await prepared_rebuilder().rebuild(source, into=into)
    content = rebuilt.path.read_bytes()
    (folder / "original.pdf").write_bytes(content)
    order = order_of(material.pki, content, rebuilt.manifest)
    (folder / "order.json").write_text(order.model_dump_json())


def numbered(first: CertificationOrdered, start: int) -> Iterator[CertificationOrdered]:
    """The same order under other numbers and codes, as a desk gives them."""
    for ordinal in count(start):
        code = "".join(CROCKFORD[(ordinal * 7**k >> k) % 32] for k in range(12))
        clause = first.clause.model_copy(update={"number": f"{ordinal}/2026"})
        yield first.model_copy(update={"clause": clause, "code": code})


def small() -> tuple[bytes, tuple[ManifestPage, ...]]:
    """One page with a little JPEG: a copy of some 100 kB."""
    return original_of([full_page(jpeg(1, (430, 608)))])


def large() -> tuple[bytes, tuple[ManifestPage, ...]]:
    """200 pages, 200 MB; each page an image of its own: a JPEG and what follows its
    end, which no decoder looks at.
    """
    out = io.BytesIO()
    Image.new("RGB", A4_PIXELS, "white").save(out, "JPEG", quality=30)
    base = out.getvalue()
    filler = bytes(LARGE_BYTES // LARGE_PAGES - len(base) - 600)
    pages = [
        full_page(
            ScanImage(b"%b%d%b" % (base, page, filler), A4_PIXELS),
        )
        for page in range(100, 100 + LARGE_PAGES)
    ]
    return original_of(pages)
