"""The PKI's one small server, on loopback: OCSP, CRLs, CA certificates, time stamps.

python -m onebox.pki_server --folder var/pki --port 8427

Start at ``PkiServer``.
"""

import argparse
import base64
import binascii
import os
import signal
from collections.abc import Callable
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final
from urllib.parse import unquote

import structlog
from cryptography.hazmat.primitives.serialization import Encoding

from chassis import logs
from chassis.clock import Clock, utc_now
from chassis.settings import LogSettings
from onebox.processes import end_with
from onebox.revocation import Responder, load_party
from onebox.timestamps import Tsa

log = structlog.get_logger()

LARGEST_QUERY: Final = 1 << 16
LOOPBACK: Final = "127.0.0.1"
OCSP, CRL, CERTIFICATE, TOKEN = (
    "application/ocsp-response",
    "application/pkix-crl",
    "application/pkix-cert",
    "application/timestamp-reply",
)

Answer = tuple[str, bytes]
"""Media type and body."""


class PkiAnswers:
    """The body that each address of the PKI answers with; knows no HTTP."""

    def __init__(self, folder: Path, *, clock: Clock) -> None:
        self._responder = Responder.load(folder)
        issuing, root = self._responder.issuing, self._responder.root
        tsa = load_party(folder, "tsa")
        self._tsa = Tsa(tsa.key, tsa.certificate, issuing.certificate)
        self._clock = clock
        self._files: dict[str, Callable[[datetime], Answer]] = {
            "/ca/root.cer": lambda _: _cer(root.certificate.public_bytes(Encoding.DER)),
            "/ca/issuing.cer": lambda _: _cer(
                issuing.certificate.public_bytes(Encoding.DER)
            ),
            "/crl/root.crl": lambda now: self._crl("root", now),
            "/crl/issuing.crl": lambda now: self._crl("issuing", now),
            "/healthz": lambda _: ("text/plain", b"ok\n"),
        }

    def get(self, path: str) -> Answer | None:
        """CRLs, certificates, and OCSP by GET (RFC 6960 appendix A.1)."""
        if path.startswith("/ocsp/"):
            return self._ocsp_from(unquote(path.removeprefix("/ocsp/")))
        file = self._files.get(path)
        return file(self._clock()) if file else None

    def post(self, path: str, body: bytes) -> Answer | None:
        if path == "/ocsp":
            return OCSP, self._responder.answer(body, now=self._clock())
        if path == "/tsa":
            return TOKEN, self._tsa.answer(body, now=self._clock())
        return None

    def _ocsp_from(self, text: str) -> Answer:
        try:
            request = base64.b64decode(text, validate=True)
        except binascii.Error:
            # The responder answers "malformed" in OCSP's own words, as RFC 6960 asks.
            request = b""
        return OCSP, self._responder.answer(request, now=self._clock())

    def _crl(self, issuer: str, now: datetime) -> Answer:
        return CRL, self._responder.crl(issuer, now=now)


def _cer(der: bytes) -> Answer:
    return CERTIFICATE, der


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body leave in one packet
    disable_nagle_algorithm = True
    timeout = 60  # seconds; a silent connection gives its thread back
    server: "PkiServer"

    def do_GET(self) -> None:
        self._send(self.server.answers.get(self.path))

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not length.isdigit() or int(length) > LARGEST_QUERY:
            # The body is not read, so the next request on this connection could not be
            # found.
            self.close_connection = True
            self._send(None)
            return
        self._send(self.server.answers.post(self.path, self.rfile.read(int(length))))

    def _send(self, answer: Answer | None) -> None:
        if answer is None:
            log.info("pki_not_found", path=self.path[:200])
        kind, body = answer or ("text/plain", b"not found\n")
        self.send_response(200 if answer else 404)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
        """Answers are many and dull; only what is not found is logged."""


class PkiServer(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, port: int, answers: PkiAnswers) -> None:
        self.answers = answers
        super().__init__((LOOPBACK, port), Handler)


def main() -> None:
    end_with(os.getppid())
    parser = argparse.ArgumentParser(prog="python -m onebox.pki_server")
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    needs = parser.parse_args()
    logs.configure("pki", LogSettings())
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the supervisor says when
    with PkiServer(needs.port, PkiAnswers(needs.folder, clock=utc_now)) as server:
        log.info("pki_ready", port=needs.port)
        server.serve_forever()


def _stop(_number: int, _frame: object) -> None:
    raise SystemExit(0)


if __name__ == "__main__":
    main()
