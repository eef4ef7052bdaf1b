"""A stand-in for a remote signing service: CSC API v2, as strict as the specification.

It refuses what a real one refuses: a hash that the activation data are not bound to,
activation data that are used up or too old, a wrong PIN or one-time password (three
wrong PINs lock the credential), more signatures than ``multisign``, an unknown token.
"""

import base64
import contextlib
import json
import secrets
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, ClassVar, Self
from urllib.parse import parse_qs, quote

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from cryptography.hazmat.primitives.serialization import Encoding

CLIENT, SECRET = "ecopy", "bí mật của ứng dụng"
SHA256 = "2.16.840.1.101.3.4.2.1"
ALGORITHMS = {
    "rsa": ["1.2.840.113549.1.1.1", "1.2.840.113549.1.1.11"],
    "ecdsa": ["1.2.840.10045.4.3.2"],
}
TRIES = 3


class DeclinedError(Exception):
    def __init__(self, description: str, error: str = "invalid_request", status=400):
        super().__init__(description)
        self.status, self.error, self.description = status, error, description


@dataclass
class Credential:
    key: Any
    certificate: x509.Certificate
    pin: str
    otp: str | None = None
    multisign: int = 5
    scal: str = "2"
    confirmations: int = 0
    """Polls that a person takes to confirm."""
    raw: bool = False
    """ECDSA as r ‖ s."""
    enabled: bool = True
    wrong: int = 0

    @property
    def kind(self) -> str:
        return "rsa" if isinstance(self.key, rsa.RSAPrivateKey) else "ecdsa"


@dataclass
class Activation:
    credential: str
    hashes: tuple[str, ...] | None
    left: int
    ends: float


@dataclass
class Service:
    """What the service knows, and what it was asked."""

    credentials: dict[str, Credential] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    faults: deque[tuple[str, int, dict[str, str]]] = field(default_factory=deque)
    """Method, status and headers of the next answers; status 0: never answers,
    status 1: in drops without an end."""
    seconds: float = 300.0
    """Of activation data."""
    tokens: set[str] = field(default_factory=set)
    activations: dict[str, Activation] = field(default_factory=dict)
    handles: dict[str, tuple[str, int]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)
    closing: threading.Event = field(default_factory=threading.Event)

    def count(self, method: str) -> int:
        return sum(name == method for name, _ in self.asked)

    # --- methods of the API ---

    def info(self, _asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        methods = sorted(set(METHODS) - {"oauth2/token"})
        answer = {"specs": "2.0.0.0", "name": "stand-in", "authType": ["oauth2client"]}
        return 200, answer | {"methods": methods, "lang": "vi-VN", "region": "VN"}

    def listing(self, _asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        return 200, {"credentialIDs": sorted(self.credentials)}

    def credential_info(self, asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        credential = self._credential(asked)
        der = credential.certificate.public_bytes(Encoding.DER)
        objects = [{"type": "Password", "id": "PIN"}]
        objects += [{"type": "Password", "id": "OTP"}] if credential.otp else []
        return 200, {
            "key": {
                "status": "enabled" if credential.enabled else "disabled",
                "algo": ALGORITHMS[credential.kind],
                "len": credential.key.key_size,
            },
            "cert": {
                "status": "valid",
                "certificates": [base64.b64encode(der).decode()],
            },
            "auth": {"mode": "explicit", "objects": objects},
            "SCAL": credential.scal,
            "multisign": credential.multisign,
        }

    def authorize(self, asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        credential = self._credential(asked)
        if not credential.enabled:
            raise DeclinedError("The credential identified by credentialID is disabled")
        if credential.wrong >= TRIES:
            raise DeclinedError("Credential locked")
        number, bound = asked.get("numSignatures"), asked.get("hashes")
        if not isinstance(number, int) or number < 1:
            raise DeclinedError("Invalid value for parameter numSignatures")
        if number > credential.multisign:
            raise DeclinedError("Numbers of signatures is too high")
        if credential.scal == "2" and not bound:
            raise DeclinedError("Missing (or invalid type) array parameter hashes")
        self._authenticate(credential, asked.get("authData", []))
        sad = secrets.token_urlsafe()
        ends = time.monotonic() + self.seconds
        hashes_ = None if bound is None else tuple(bound)
        name = asked["credentialID"]
        self.activations[sad] = Activation(name, hashes_, number, ends)
        return self._handed(sad, credential.confirmations)

    def check(self, asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if asked.get("handle") not in self.handles:
            raise DeclinedError("Invalid parameter handle")
        sad, left = self.handles.pop(asked["handle"])
        return self._handed(sad, left - 1)

    def sign(self, asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        credential, wanted = self._credential(asked), asked.get("hashes")
        if not isinstance(wanted, list) or not wanted:
            raise DeclinedError("Empty hash array")
        if asked.get("signAlgo") not in ALGORITHMS[credential.kind]:
            raise DeclinedError("Invalid parameter signAlgo")
        if asked["signAlgo"].endswith("1.1.1") and (
            asked.get("hashAlgorithmOID") != SHA256
        ):
            raise DeclinedError("Invalid parameter hashAlgorithmOID")
        self._spend(asked, wanted)
        signed = [self._signature(credential, base64.b64decode(h)) for h in wanted]
        return 200, {"signatures": [base64.b64encode(s).decode() for s in signed]}

    # --- rules ---

    def _credential(self, asked: dict[str, Any]) -> Credential:
        if asked.get("credentialID") not in self.credentials:
            raise DeclinedError("Invalid parameter credentialID")
        return self.credentials[asked["credentialID"]]

    def _authenticate(self, credential: Credential, given: list[Any]) -> None:
        values = {one["id"]: one["value"] for one in given}
        if values.get("PIN") != credential.pin:
            credential.wrong += 1
            raise DeclinedError("The PIN is invalid", "invalid_pin")
        credential.wrong = 0
        if credential.otp is None:
            return
        otp, credential.otp = credential.otp, ""  # good for one try
        if values.get("OTP") != otp:
            raise DeclinedError("The OTP is invalid", "invalid_otp")

    def _handed(self, sad: str, left: int) -> tuple[int, dict[str, Any]]:
        if left <= 0:
            return 200, {"SAD": sad, "expiresIn": self.seconds}
        handle = secrets.token_urlsafe()
        self.handles[handle] = sad, left
        return 202, {"handle": handle}

    def _spend(self, asked: dict[str, Any], wanted: list[str]) -> None:
        activation = self.activations.get(asked.get("SAD", ""))
        if activation is None or activation.credential != asked["credentialID"]:
            raise DeclinedError("Invalid parameter SAD")
        if time.monotonic() >= activation.ends:
            raise DeclinedError("SAD expired")
        if activation.left < len(wanted):
            raise DeclinedError("Numbers of signatures is too high")
        if activation.hashes is not None and not set(wanted) <= set(activation.hashes):
            raise DeclinedError("Hash is not authorized by the SAD")
        activation.left -= len(wanted)

    @staticmethod
    def _signature(credential: Credential, digest: bytes) -> bytes:
        done = utils.Prehashed(hashes.SHA256())
        if credential.kind == "rsa":
            return credential.key.sign(digest, padding.PKCS1v15(), done)
        signature = credential.key.sign(digest, ec.ECDSA(done))
        if not credential.raw:
            return signature
        width = (credential.key.key_size + 7) // 8
        pair = utils.decode_dss_signature(signature)
        return b"".join(number.to_bytes(width, "big") for number in pair)

    def check_token(self, method: str, given: str) -> None:
        if method != "info" and given.removeprefix("Bearer ") not in self.tokens:
            raise DeclinedError("", "invalid_token", 401)

    def granted(self, form: str, authorization: str) -> tuple[int, dict[str, Any]]:
        pair = f"{quote(CLIENT)}:{quote(SECRET)}".encode()
        right = "Basic " + base64.b64encode(pair).decode()
        asked = parse_qs(form)
        if authorization != right or asked["grant_type"] != ["client_credentials"]:
            raise DeclinedError("", "invalid_client", 401)
        token = secrets.token_urlsafe()
        self.tokens.add(token)
        answer = {"access_token": token, "token_type": "Bearer", "expires_in": 3600}
        return 200, answer


METHODS = {
    "info": Service.info,
    "oauth2/token": None,
    "credentials/list": Service.listing,
    "credentials/info": Service.credential_info,
    "credentials/authorize": Service.authorize,
    "credentials/authorizeCheck": Service.check,
    "signatures/signHash": Service.sign,
}


class _Handler(BaseHTTPRequestHandler):
    service: ClassVar[Service]

    def do_POST(self) -> None:
        method = self.path.removeprefix("/csc/v2/")
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        with self.service.lock:
            fault = self._fault(method)
            status, answer, headers = fault or (*self._answer_to(method, body), {})
        if status == 0:
            self.service.closing.wait()
            return
        if status == 1:
            self._drip()
            return
        content = json.dumps(answer).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _drip(self) -> None:
        with contextlib.suppress(OSError):
            self.wfile.write(b"HTTP/1.0 200 OK\r\nContent-Length: 4000\r\n\r\n")
            while not self.service.closing.wait(0.05):
                self.wfile.write(b" ")

    def _fault(self, method: str) -> tuple[int, Any, dict[str, str]] | None:
        faults = self.service.faults
        if not faults or faults[0][0] not in (method, "*"):
            return None
        _, status, headers = faults.popleft()
        self.service.asked.append((method, {}))
        return status, {}, headers

    def _answer_to(self, method: str, body: str) -> tuple[int, dict[str, Any]]:
        service, given = self.service, self.headers.get("Authorization", "")
        try:
            if method == "oauth2/token":
                service.asked.append((method, {}))
                return service.granted(body, given)
            service.check_token(method, given)
            asked = json.loads(body)
            service.asked.append((method, asked))
            return METHODS[method](service, asked)
        except DeclinedError as no:
            return no.status, {"error": no.error, "error_description": no.description}

    def log_message(self, *_: object) -> None:
        pass


class Served:
    """``with Served() as service:``; ``url`` is the account's."""

    def __init__(self) -> None:
        self.service = Service()
        handler = type("Handler", (_Handler,), {"service": self.service})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}/csc/v2"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.service.closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
