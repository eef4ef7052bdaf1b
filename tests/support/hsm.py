"""SoftHSM as the HSM of the tests: tokens and keys, pulled out and put back."""

import atexit
import ctypes
import functools
import os
import shutil
import subprocess
import sys
import tempfile
import uuid
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from support.settings import found

PIN, SO_PIN = "8152-3461", "9999-9999"


@functools.cache
def soft_hsm() -> "SoftHsm":
    """One configuration a process: the module reads it whenever it starts."""
    utility = found("softhsm2-util")
    name = "libsofthsm2.so"
    module = found(name, f"usr/lib/softhsm/{name}", f"usr/lib/*/softhsm/{name}")
    folder = Path(tempfile.mkdtemp(prefix="ecopy-hsm-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    (folder / "tokens").mkdir()
    configuration = folder / "softhsm2.conf"
    configuration.write_text(f"directories.tokendir = {folder / 'tokens'}\n")
    os.environ["SOFTHSM2_CONF"] = str(configuration)
    return SoftHsm(folder, utility, module)


class ToolFailedError(Exception):
    """The device's own tool was refused."""


@dataclass(frozen=True)
class SoftHsm:
    folder: Path
    utility: Path
    module: Path

    def token(self) -> "SoftToken":
        before = set((self.folder / "tokens").iterdir())
        label = f"t{uuid.uuid4().hex[:12]}"
        self.run(
            *("--init-token", "--free", "--label", label),
            *("--so-pin", SO_PIN, "--pin", PIN),
        )
        (made,) = set((self.folder / "tokens").iterdir()) - before
        return SoftToken(self, label, made)

    def restart(self) -> None:
        """Behind the back of whoever uses the module: every session and login ends."""
        module = ctypes.CDLL(str(self.module))
        assert module.C_Finalize(None) == 0
        assert module.C_Initialize(None) == 0

    def run(self, *arguments: str) -> None:
        subprocess.run([self.utility, *arguments], check=True, capture_output=True)


@dataclass(frozen=True)
class SoftToken:
    hsm: SoftHsm
    label: str
    place: Path

    def store(self, key: object, label: str, key_id: str = "01") -> None:
        pem = self.hsm.folder / f"{uuid.uuid4().hex}.pem"
        pem.write_bytes(
            key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        )
        self.hsm.run(
            *("--import", str(pem), "--token", self.label, "--pin", PIN),
            *("--label", label, "--id", key_id),
        )
        pem.unlink()

    def pull_out(self) -> None:
        self.place.rename(self._away)

    def put_back(self) -> None:
        self._away.rename(self.place)

    def change_pin(self, old: str, new: str) -> None:
        """By another process, as a person with the device's own tool does."""
        script = (
            "import sys, pkcs11\n"
            "module, label, old, new = sys.argv[1:]\n"
            "token = pkcs11.lib(module).get_token(token_label=label)\n"
            "token.open(rw=True, user_pin=old).set_pin(old, new)\n"
        )
        arguments = (str(self.hsm.module), self.label, old, new)
        done = subprocess.run(
            [sys.executable, "-c", script, *arguments], capture_output=True, check=False
        )
        if done.returncode:
            raise ToolFailedError(done.stderr.decode())

    @property
    def _away(self) -> Path:
        return self.hsm.folder / self.place.name
