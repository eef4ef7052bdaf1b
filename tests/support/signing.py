"""A development authority, an order with its original, and a sealed copy of it, by the
code that signs: for the tests of signing and of the gate.

    with authority(folder) as pki:                 # PKI, TSA, OCSP, CRL on loopback
        made = sealed_copy(pki, scan_pages=[...])  # content, order, trust
"""

import asyncio
import contextlib
import hashlib
import io
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pikepdf
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    pkcs12,
)
from PIL import Image, ImageDraw

from chassis.clock import utc_now
from ecopy.events import (
    Agency,
    CertificationOrdered,
    Clause,
    Document,
    ManifestPage,
    Officer,
    PageImage,
)
from ecopy.identifiers import ObjectRef
from ecopy.trust import PinnedChain, PinnedIdentity, TrustDocument
from onebox import pki as development_pki
from onebox.pki_server import PkiAnswers, PkiServer
from onebox.revocation import load_party
from onebox.ward import IDENTITIES
from signing.adapters import chains, keyring, keys
from signing.adapters.appearances import render
from signing.adapters.authorities import Timestamps
from signing.adapters.composer import compose
from signing.adapters.revocation import Revocation
from signing.adapters.sealer import PadesSealer
from signing.adapters.tokens import TokenRules
from signing.adapters.web import Web
from signing.domain.copies import Original, SealedCopy
from signing.domain.rope import Held
from support.build import ENTRY
from support.servers import free_port

A4 = (595.2, 841.92)
DPI = 100


@dataclass(frozen=True)
class Pki:
    """A served development PKI, its trust document and its keys."""

    folder: Path
    base: str
    trust: TrustDocument
    keys_file: Path
    web: Web
    """Closed with the authority."""

    @property
    def tsa_url(self) -> str:
        return f"{self.base}/tsa"

    def certificate(self, name: str) -> x509.Certificate:
        return x509.load_pem_x509_certificate(
            (self.folder / f"{name}.pem").read_bytes()
        )


@dataclass(frozen=True)
class Made:
    """A sealed copy, the order it was made of, the trust it is judged under."""

    content: bytes
    order: CertificationOrdered
    trust: TrustDocument
    original: bytes
    sealed: SealedCopy


@dataclass(frozen=True)
class ScanImage:
    """One image of a synthetic page; ``dictionary`` is its PDF dictionary."""

    content: bytes
    size: tuple[int, int]
    filter: str = "DCTDecode"
    bits: int = 8
    colour_space: str = "DeviceRGB"
    decode_parms: dict[str, int] = field(default_factory=dict)
    inverted: bool = False
    palette: str = ""


@dataclass(frozen=True)
class ScanPage:
    """Images with their ``cm`` matrices; points before rotation."""

    images: Sequence[tuple[ScanImage, tuple[float, ...]]]
    width: float = A4[0]
    height: float = A4[1]
    rotation: int = 0


@contextlib.contextmanager
def authority(folder: Path, **signers: Any) -> Iterator[Pki]:
    """Root, issuing CA, officer, seal, TSA, OCSP, CRL: served until the block ends.
    *signers*: another private key for ``officer`` or ``seal``.
    """
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    pki = folder / "pki"
    development_pki.make(pki, base=base, now=utc_now())
    for name, key in signers.items():
        _certify_again(pki, name, key)
    with PkiServer(port, PkiAnswers(pki, clock=utc_now)) as server:
        serving = threading.Thread(target=server.serve_forever, daemon=True)
        serving.start()
        web = Web(timeout_seconds=10)
        yield Pki(pki, base, _trust(pki), _keys_file(pki), web)
        web.close()
        server.shutdown()
        serving.join()


def _certify_again(pki: Path, name: str, key: Any) -> None:
    """The same certificate over another key."""
    issuing = load_party(pki, "issuing")
    before = x509.load_pem_x509_certificate((pki / f"{name}.pem").read_bytes())
    builder = (
        x509.CertificateBuilder()
        .subject_name(before.subject)
        .issuer_name(before.issuer)
        .public_key(key.public_key())
        .serial_number(before.serial_number)
        .not_valid_before(before.not_valid_before_utc)
        .not_valid_after(before.not_valid_after_utc)
    )
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    for known in before.extensions:
        same = not isinstance(known.value, x509.SubjectKeyIdentifier)
        value = known.value if same else identifier
        builder = builder.add_extension(value, known.critical)
    made = builder.sign(issuing.key, hashes.SHA256())
    bundle = pkcs12.serialize_key_and_certificates(
        None, key, made, None, BestAvailableEncryption(b"secret")
    )
    (pki / f"{name}.p12").write_bytes(bundle)
    (pki / f"{name}.password").write_bytes(b"secret")
    (pki / f"{name}.pem").write_bytes(made.public_bytes(Encoding.PEM))


def _keys_file(pki: Path) -> Path:
    path = pki / "signing.toml"
    path.write_text("\n".join(_key_entry(who) for who in IDENTITIES))
    return path


def _key_entry(who: Any) -> str:
    lines = [f"[keys.{_quoted(who.key)}]"]
    lines += [f"role = {_quoted(who.role)}", f"id = {_quoted(who.id)}"]
    lines += [f"version = {_quoted(who.version)}"]
    lines += [f'pkcs12 = "{who.role}.p12"', f'password_file = "{who.role}.password"']
    for name in ("name_lines", "title_lines"):
        lines += [f"{name} = [{', '.join(map(_quoted, getattr(who, name)))}]"]
    if who.image is not None:
        lines += [f"image = {_quoted(str(who.image))}"]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return f'"{text}"'


def _trust(pki: Path) -> TrustDocument:
    issuing = x509.load_pem_x509_certificate((pki / "issuing.pem").read_bytes())
    chain = PinnedChain(
        name="development",
        certificates=tuple((pki / f"{n}.pem").read_text() for n in ("issuing", "root")),
        valid_from=issuing.not_valid_before_utc,
        valid_until=issuing.not_valid_after_utc,
    )
    return TrustDocument(
        demo=True,
        signers=(chain,),
        timestamps=(chain,),
        identities=tuple(_pinned(pki, who) for who in IDENTITIES),
    )


def _pinned(pki: Path, who: Any) -> PinnedIdentity:
    pem = (pki / f"{who.role}.pem").read_text()
    certificate = x509.load_pem_x509_certificate(pem.encode())
    look = keys.Look(who.role, who.id, who.name_lines, who.title_lines, who.image)
    return PinnedIdentity(
        role=who.role,
        id=who.id,
        version=who.version,
        key=who.key,
        certificate=pem,
        certificate_sha256=certificate.fingerprint(hashes.SHA256()).hex(),
        appearance_sha256=render(look).digest(),
    )


# --- an order and its original -------------------------------------------------------


def order_of(
    pki: Pki, original: bytes, manifest: tuple[ManifestPage, ...], **changes: Any
) -> CertificationOrdered:
    """An order that everything in *pki* fits; approved now."""
    officer, agency = (
        next(i for i in pki.trust.identities if i.role == role)
        for role in ("officer", "seal")
    )
    names = {who.role: who for who in IDENTITIES}
    digest = hashlib.sha256(original).hexdigest()
    fields = {
        "at": utc_now(),
        "approved_at": utc_now(),
        "entry": ENTRY,
        "original": ObjectRef(
            bucket="scans",
            key=f"originals/{digest}.pdf",
            sha256=digest,
            size=len(original),
            media_type="application/pdf",
        ),
        "manifest": manifest,
        "document": Document(
            kind="degree",
            kind_name="Văn bằng",
            title="Bằng cử nhân",
            pages=len(manifest),
        ),
        "clause": Clause(
            template="clause/3",
            statement="Chứng thực bản sao đúng với bản chính",
            number="1180/2026",
            book="02/2026-SCTĐT/BS",
            date=utc_now().date(),
        ),
        "officer": Officer(
            id=officer.id,
            version=officer.version,
            name=names["officer"].name_lines[0],
            title_lines=names["officer"].title_lines,
            key=officer.key,
            certificate_sha256=officer.certificate_sha256,
        ),
        "agency": Agency(
            code=agency.id,
            version=agency.version,
            name_lines=names["seal"].name_lines,
            place="Hoa Ban",
            key=agency.key,
            certificate_sha256=agency.certificate_sha256,
        ),
        "code": "7K2F9MQX4TBD",
        "public_host": "https://hoaban.example",
        "link_token_sha256": hashlib.sha256(b"token").hexdigest(),
        "demo": True,
    }
    return CertificationOrdered(**fields | changes)


def jpeg(seed: int = 1, size: tuple[int, int] = (827, 1169), mode: str = "RGB"):
    """A page that looks a little like a scan."""
    image = Image.new(mode, size, "white")
    draw = ImageDraw.Draw(image)
    for line in range(12 + seed):
        y = 60 + line * (size[1] - 120) // 24
        draw.rectangle((60, y, size[0] - 60 - 37 * (line + seed) % 300, y + 14), "navy")
    out = io.BytesIO()
    image.save(out, "JPEG", quality=80, dpi=(DPI, DPI))
    space = "DeviceGray" if mode == "L" else "DeviceRGB"
    return ScanImage(out.getvalue(), size, colour_space=space)


def fax(size: tuple[int, int] = (1654, 2339)) -> ScanImage:
    """CCITT Group 4, one bit."""
    image = Image.new("1", size, 1)
    ImageDraw.Draw(image).ellipse((200, 300, 1200, 1500), fill=0)
    out = io.BytesIO()
    image.save(out, "TIFF", compression="group4", strip_size=1 << 30)
    tiff = Image.open(io.BytesIO(out.getvalue()))
    (offset,), (length,) = tiff.tag_v2[273], tiff.tag_v2[279]
    parms = {"K": -1, "Columns": size[0], "Rows": size[1]}
    if tiff.tag_v2[262] == 1:  # BlackIsZero: as PDF has it by default
        parms["BlackIs1"] = 0
    content = out.getvalue()[offset : offset + length]
    return ScanImage(content, size, "CCITTFaxDecode", 1, "DeviceGray", parms)


def flat(size: tuple[int, int] = (600, 400), *, bits: int = 8) -> ScanImage:
    """Flate, grey, with a PNG predictor when it has eight bits."""
    import zlib

    if bits == 1:
        row = bytes((size[0] + 7) // 8)
        rows = row * size[1]
        return ScanImage(
            zlib.compress(rows), size, "FlateDecode", 1, "DeviceGray", {}, inverted=True
        )
    rows = b"".join(
        b"\0" + bytes(x % 256 for x in range(size[0])) for _ in range(size[1])
    )
    parms = {"Predictor": 15, "Colors": 1, "BitsPerComponent": 8, "Columns": size[0]}
    return ScanImage(zlib.compress(rows), size, "FlateDecode", 8, "DeviceGray", parms)


def palette_image(
    bits: int = 4, colours: int = 11, size: tuple[int, int] = (300, 200), seed: int = 1
) -> ScanImage:
    """Flate under a palette; each colour is one that no other pixel has."""
    import zlib

    indices = [
        (x // 7 + y // 5 * seed) % colours
        for y in range(size[1])
        for x in range(size[0])
    ]
    rows = b"".join(
        _packed(indices[y * size[0] : (y + 1) * size[0]], bits) for y in range(size[1])
    )
    shades = (hashlib.sha256(b"%d %d" % (seed, k)).hexdigest() for k in range(colours))
    palette = "".join(shade[:6] for shade in shades)
    return ScanImage(
        zlib.compress(rows), size, "FlateDecode", bits, "Indexed", palette=palette
    )


def _packed(samples: Sequence[int], bits: int) -> bytes:
    """A row, filled up to a whole byte with zero bits."""
    text = "".join(f"{sample:0{bits}b}" for sample in samples)
    filled = text.ljust(-(-len(text) // 8) * 8, "0")
    return int(filled, 2).to_bytes(len(filled) // 8, "big")


def full_page(
    image: ScanImage, rotation: int = 0, size: tuple[float, float] = A4
) -> ScanPage:
    width, height = size
    return ScanPage(
        [(image, (width, 0, 0, height, 0, 0))], width, height, rotation=rotation
    )


def one_of_each_kind(size: tuple[float, float] = A4) -> list[ScanPage]:
    """JPEG, grey JPEG, CCITT, Flate, strips, every rotation, a landscape A5."""
    width, height = size
    half = height / 2
    strips = [
        (jpeg(3, (827, 585)), (width, 0, 0, half, 0, half)),
        (flat(bits=1), (width / 2, 0, 0, half, 0, 0)),
        (flat(), (width / 2, 0, 0, half, width / 2, 0)),
    ]
    return [
        full_page(jpeg(1), 0, size),
        full_page(jpeg(2, mode="L"), 90, size),
        full_page(fax(), 180, size),
        full_page(jpeg(4), 270, size),
        ScanPage(strips, width, height),
        ScanPage([(jpeg(5, (1169, 827)), (595.0, 0, 0, 420.0, 0, 0))], 595.0, 420.0),
    ]


def original_of(
    pages: Sequence[ScanPage], *, shared: bool = False
) -> tuple[bytes, tuple[ManifestPage, ...]]:
    """A normalised original as intake writes it, and its manifest. *shared*: equal
    images are one object, else each is its own.
    """
    pdf = pikepdf.new()
    shelf: dict[tuple[object, ...], pikepdf.Object] = {}
    for page in pages:
        images = [_image(pdf, image) for image, _ in page.images]
        if shared:
            names = [(i.content, i.palette, i.inverted) for i, _ in page.images]
            images = [
                shelf.setdefault(*pair) for pair in zip(names, images, strict=True)
            ]
        drawing = "".join(
            f"q\n{' '.join(f'{v:.5f}' for v in matrix)} cm\n/Im{k} Do\nQ\n"
            for k, (_, matrix) in enumerate(page.images)
        )
        made = pikepdf.Dictionary(
            Type=pikepdf.Name.Page,
            MediaBox=[0, 0, page.width, page.height],
            Rotate=page.rotation,
            Resources=pikepdf.Dictionary(
                XObject=pikepdf.Dictionary(
                    {f"/Im{k}": image for k, image in enumerate(images)}
                )
            ),
            Contents=pdf.make_stream(drawing.encode()),
        )
        pdf.pages.append(pikepdf.Page(made))
    out = io.BytesIO()
    pdf.save(out)
    return out.getvalue(), tuple(_manifest(page) for page in pages)


def _image(pdf: pikepdf.Pdf, image: ScanImage) -> pikepdf.Object:
    made = pikepdf.Stream(pdf, image.content)
    made.Type, made.Subtype = pikepdf.Name.XObject, pikepdf.Name.Image
    made.Width, made.Height = image.size
    made.BitsPerComponent = image.bits
    made.ColorSpace = pikepdf.Name("/" + image.colour_space)
    if image.palette:
        colours = bytes.fromhex(image.palette)
        made.ColorSpace = pikepdf.Array(
            [
                pikepdf.Name.Indexed,
                pikepdf.Name.DeviceRGB,
                len(colours) // 3 - 1,
                pikepdf.String(colours),
            ]
        )
    made.Filter = pikepdf.Name("/" + image.filter)
    if image.decode_parms:
        made.DecodeParms = pikepdf.Dictionary(
            {
                f"/{key}": bool(value) if key == "BlackIs1" else value
                for key, value in image.decode_parms.items()
            }
        )
    if image.inverted:
        made.Decode = pikepdf.Array([1, 0])
    return pdf.make_indirect(made)


def _manifest(page: ScanPage) -> ManifestPage:
    return ManifestPage(
        width=page.width,
        height=page.height,
        rotation=page.rotation,
        images=tuple(
            PageImage(
                sha256=hashlib.sha256(image.content).hexdigest(),
                size=len(image.content),
                filter=image.filter,
                width=image.size[0],
                height=image.size[1],
                bits=image.bits,
                colour_space=image.colour_space,
                palette=image.palette,
                decode_parms=image.decode_parms,
                inverted=image.inverted,
                placement=matrix,
            )
            for image, matrix in page.images
        ),
    )


# --- a sealed copy -------------------------------------------------------------------


def sealer_of(
    pki: Pki, threads: ThreadPoolExecutor, *, demo: bool = True, **changes: Any
) -> PadesSealer:
    """The real sealer over the served authority; *demo* as the order says."""
    trust = pki.trust.model_copy(update={"demo": demo})
    signers = chains.parsed(pki.trust.signers)
    rules = TokenRules(chains.parsed(pki.trust.timestamps))
    parts = {
        "keyring": keyring.assembled(keys.load(pki.keys_file), trust, signers),
        "timestamps": Timestamps((pki.tsa_url,), rules, pki.web.fetch, utc_now),
        "revocation": Revocation(pki.web.fetch, utc_now),
        "clock": utc_now,
        "threads": threads,
    }
    return PadesSealer(**parts | changes)


def sealed_copy(
    pki: Pki, scan_pages: Sequence[ScanPage] | None = None, **changes: Any
) -> Made:
    """Compose, sign and seal; by default one colour page. *changes* are the order's."""
    original, manifest = original_of(scan_pages or [full_page(jpeg())])
    return sealed_original(pki, original, manifest, **changes)


def sealed_original(
    pki: Pki, original: bytes, manifest: tuple[ManifestPage, ...], **changes: Any
) -> Made:
    """A sealed copy of a normalised original."""
    order = order_of(pki, original, manifest, **changes)
    with ThreadPoolExecutor(1) as threads:
        sealer = sealer_of(pki, threads, demo=order.demo)
        draft = compose(
            Original(Held(original), order.original.sha256), order, utc_now()
        )

        async def seal() -> SealedCopy:
            signatories = sealer.signatories(order, utc_now())
            await sealer.prepare(signatories, draft.level)
            return await sealer.seal(draft, signatories)

        sealed = asyncio.run(seal())
    return Made(bytes(sealed.content), order, pki.trust, original, sealed)
