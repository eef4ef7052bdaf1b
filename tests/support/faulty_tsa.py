"""A timestamp authority on loopback that fails in a chosen way, and recovers.

with faulty_tsa(pki, clock) as tsa:
    tsa.fault = "wrong-nonce"      # one of FAULTS, or "" for a good answer
    tsa.asked                      # how often somebody asked
"""

import contextlib
import hashlib
import secrets
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.asn1 import decode_der, encode_der
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID as Usage

from onebox.certificates import issue, key_usage, name_of, self_signed
from onebox.der import (
    BITS,
    OCTETS,
    SIGNED_DATA,
    TIME,
    TST_INFO,
    oid,
    sequence,
    set_of,
    tlv,
)
from onebox.revocation import load_party
from onebox.timestamps import POLICY, Query
from support.authority import Pki

CONTENT_FAULTS = (
    "wrong-nonce",
    "wrong-digest",
    "wrong-policy",
    "expired-certificate",
    "stranger",
    "hours-off",
    "bad-signature",
    "rejection",
    "extra-certificate",
)
HTTP_FAULTS = ("5xx", "429-seconds", "429-date", "garbage", "huge", "cut", "hang-up")
SLOW_FAULTS = ("silence", "drip", "drip-headers")
PATIENCE = timedelta(seconds=120)
DIGESTS = {
    "sha256": ("2.16.840.1.101.3.4.2.1", hashes.SHA256(), "2"),
    "sha384": ("2.16.840.1.101.3.4.2.2", hashes.SHA384(), "3"),
    "sha512": ("2.16.840.1.101.3.4.2.3", hashes.SHA512(), "4"),
}
_ECDSA = "1.2.840.10045.4.3."
_ESS_V1, _ESS_V2 = "1.2.840.113549.1.9.16.2.12", "1.2.840.113549.1.9.16.2.47"


@dataclass
class FaultyTsa:
    """Its behaviour may be changed at any time, from any thread."""

    url: str
    party: Any
    issuer: Any
    root: Any
    clock: Callable[[], datetime]
    fault: str = ""
    digest: str = "sha256"
    ess: int = 2
    fraction: str = ""
    patience: timedelta = PATIENCE
    """What it asks for with 429."""
    padding: int = 0
    """Octets of a needless extension in the token."""
    asked: int = 0
    connections: int = 0
    ended: threading.Event = field(default_factory=threading.Event)
    after: Callable[["FaultyTsa"], None] = lambda _tsa: None
    """Called when an answer was given: a fault between two requests."""

    def reply(self, query: bytes) -> bytes:
        """TimeStampResp in the manner of the moment."""
        asked = decode_der(Query, query)
        if self.fault == "rejection":
            return sequence(sequence(encode_der(2), tlv(BITS, b"\x06\x40")))
        return sequence(sequence(encode_der(0)), self._token(asked))

    def _token(self, asked: Query) -> bytes:
        party = self._signer()
        content = self._info(asked)
        name, algorithm, suffix = DIGESTS[self.digest]
        encoded = party.certificate.public_bytes(Encoding.DER)
        attributes = set_of(
            _attribute("1.2.840.113549.1.9.3", TST_INFO),
            _attribute(
                "1.2.840.113549.1.9.4",
                tlv(OCTETS, hashlib.new(self.digest, content).digest()),
            ),
            self._ess(encoded),
        )
        message = attributes if self.fault != "bad-signature" else attributes + b"x"
        signer = sequence(
            encode_der(1),
            sequence(
                party.certificate.issuer.public_bytes(),
                encode_der(party.certificate.serial_number),
            ),
            sequence(oid(name)),
            b"\xa0" + attributes[1:],
            sequence(oid(_ECDSA + suffix)),
            tlv(OCTETS, party.key.sign(message, ec.ECDSA(algorithm))),
        )
        certificates = [encoded]
        if self.fault == "extra-certificate":
            certificates.append(_needless(self.issuer))
        data = sequence(
            encode_der(3),
            set_of(sequence(oid(name))),
            sequence(TST_INFO, tlv(0xA0, tlv(OCTETS, content))),
            tlv(0xA0, *sorted(certificates)),
            set_of(signer),
        )
        return sequence(SIGNED_DATA, tlv(0xA0, data))

    def _signer(self) -> Any:
        if self.fault == "stranger":
            now = self.clock() - timedelta(days=1)
            key = ec.generate_private_key(ec.SECP256R1())
            root = self_signed("root", name_of("root"), key, start=now, days=9)
            return _tsa_under(root, now, 9)
        if self.fault == "expired-certificate":
            return _tsa_under(self.issuer, self.clock() - timedelta(days=2), 1)
        return self.party

    def _info(self, asked: Query) -> bytes:
        nonce, digest, policy = asked.nonce or 0, asked.imprint.digest, POLICY
        if self.fault == "wrong-nonce":
            nonce += 1
        if self.fault == "wrong-digest":
            digest = hashlib.sha256(digest).digest()
        if self.fault == "wrong-policy":
            policy = "1.2.3.4"
        off = timedelta(hours=7) if self.fault == "hours-off" else timedelta()
        time = f"{self.clock() + off:%Y%m%d%H%M%S}{self.fraction}Z"
        return sequence(
            encode_der(1),
            oid(policy),
            encode_der(replace(asked.imprint, digest=digest)),
            encode_der(secrets.randbits(127)),
            tlv(TIME, time.encode()),
            encode_der(nonce),
            *self._bulk(),
        )

    def _bulk(self) -> list[bytes]:
        """RFC 3161 extensions [1]: one that is not critical."""
        if not self.padding:
            return []
        kind = oid("1.3.6.1.4.1.32473.9")
        return [tlv(0xA1, sequence(kind, tlv(OCTETS, bytes(self.padding))))]

    def _ess(self, certificate: bytes) -> bytes:
        if self.ess == 1:
            named = tlv(OCTETS, hashlib.sha1(certificate).digest())
            return _attribute(_ESS_V1, sequence(sequence(sequence(named))))
        named = tlv(OCTETS, hashlib.new(self.digest, certificate).digest())
        algorithm = b"" if self.digest == "sha256" else sequence(_named(self.digest))
        return _attribute(_ESS_V2, sequence(sequence(sequence(algorithm, named))))


def _named(digest: str) -> bytes:
    return oid(DIGESTS[digest][0])


def _attribute(kind: str, value: bytes) -> bytes:
    return sequence(oid(kind), tlv(0x31, value))


def _needless(issuer: Any) -> bytes:
    """A certificate that is in no pinned chain."""
    start = issuer.certificate.not_valid_before_utc
    key = ec.generate_private_key(ec.SECP256R1())
    extra = issue("extra", name_of("extra"), key, issuer, start=start, extensions=[])
    return extra.certificate.public_bytes(Encoding.DER)


def _tsa_under(issuer: Any, start: datetime, days: int) -> Any:
    key = ec.generate_private_key(ec.SECP256R1())
    usage = (x509.ExtendedKeyUsage([Usage.TIME_STAMPING]), True)
    return issue(
        "tsa",
        name_of("tsa"),
        key,
        issuer,
        start=start,
        days=days,
        extensions=[(key_usage(), True), usage],
    )


@cache
def _party(pki: Path, name: str) -> Any:
    """Reading an RSA key takes 0.1 s, for its numbers are checked."""
    return load_party(pki, name)


@contextlib.contextmanager
def faulty_tsa(
    pki: Pki, clock: Callable[[], datetime], port: int = 0
) -> Iterator[FaultyTsa]:
    """Tokens under the development TSA's own certificate, unless the fault forbids."""
    server = _Server(("127.0.0.1", port), _Handler)
    server.tsa = FaultyTsa(
        f"http://127.0.0.1:{server.server_port}/tsa",
        _party(pki.folder, "tsa"),
        _party(pki.folder, "issuing"),
        _party(pki.folder, "root"),
        clock,
    )
    serving = threading.Thread(target=server.serve_forever, args=(0.02,))
    serving.start()
    try:
        yield server.tsa
    finally:
        server.tsa.ended.set()
        server.shutdown()
        serving.join()
        server.server_close()


class _Server(ThreadingHTTPServer):
    tsa: FaultyTsa
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """A client that hangs up early is what the tests want."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    timeout = 10
    server: _Server

    def setup(self) -> None:
        super().setup()
        self.server.tsa.connections += 1

    def do_POST(self) -> None:
        tsa = self.server.tsa
        query = self.rfile.read(int(self.headers["Content-Length"]))
        tsa.asked += 1
        if tsa.fault in SLOW_FAULTS:
            self._slow(tsa)
            return
        if tsa.fault == "hang-up":
            self.close_connection = True
            return
        self._send(*self._answer(tsa, query))
        tsa.after(tsa)

    def _answer(
        self, tsa: FaultyTsa, query: bytes
    ) -> tuple[int, bytes, dict[str, str]]:
        now = tsa.clock()
        until, date = (
            format_datetime(t, usegmt=True) for t in (now + tsa.patience, now)
        )
        seconds = f"{tsa.patience.total_seconds():.0f}"
        replies: dict[str, tuple[int, bytes, dict[str, str]]] = {
            "5xx": (503, b"down", {}),
            "429-seconds": (429, b"", {"Retry-After": seconds}),
            "429-date": (429, b"", {"Retry-After": until, "Date": date}),
            "garbage": (200, b"<html>portal</html>", {}),
            "huge": (200, bytes(1 << 20), {}),
        }
        if tsa.fault in replies:
            return replies[tsa.fault]
        answer = tsa.reply(query)
        if tsa.fault == "cut":
            return 200, answer[:200], {"Content-Length": str(len(answer))}
        return 200, answer, {}

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response_only(status)
        for name, value in ({"Content-Length": str(len(body))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = len(body) != int(
            headers.get("Content-Length", len(body))
        )

    def _slow(self, tsa: FaultyTsa) -> None:
        """Never an end: nothing, or an octet now and then, in headers or body."""
        self.close_connection = True
        start = {"drip": b"HTTP/1.1 200 OK\r\nContent-Length: 4000\r\n\r\n"}
        with contextlib.suppress(OSError):
            sock: socket.socket = self.connection
            sock.sendall(start.get(tsa.fault, b""))
            while not tsa.ended.wait(0.05):
                if tsa.fault != "silence":
                    sock.sendall(b"H")

    def log_message(self, *_: object) -> None:
        """A client that keeps its connection open is no news."""
