"""Writes what an operator lays out, each file once. Start at ``lay_out``."""

import argparse
import json
import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Final

from chassis.starting import CannotStart
from onebox import pki, settings
from onebox.compose.demo import PKI_BASE
from onebox.compose.laid import Laid
from onebox.compose.texts import agencies_toml, keys_toml
from onebox.places import REPOSITORY, SERVICES

MAKE_SECRETS: Final = REPOSITORY / "deploy/docker/make_secrets.py"
FOR_ALL: Final = 0o444
"""Mounted into containers, whose accounts are others; the folder above is closed."""
OWN: Final = 0o600
FOLDER: Final = 0o755


@dataclass(slots=True)
class Written:
    """What an ``ecopy init`` made, and what it left as it was."""

    made: list[Path] = field(default_factory=list)
    kept: list[Path] = field(default_factory=list)

    def once(self, path: Path, content: Callable[[], bytes], mode: int) -> None:
        """Write the file if it is not there."""
        if path.exists():
            self.kept.append(path)
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(path.name + ".new")
        draft.write_bytes(content())
        draft.chmod(mode)
        draft.rename(path)
        self.made.append(path)


def lay_out(laid: Laid, told: argparse.Namespace, now: datetime) -> Written:
    """Everything that compose.yaml asks for. CannotStart names what cannot be read."""
    written = Written()
    written.once(laid.env, lambda: _env(laid, told).encode(), OWN)
    _secrets(laid)
    if told.demo:
        _development_pki(laid, told, now)
    _keys(laid, told, written)
    day = now.date()
    text = agencies_toml(told, date(day.year, 1, 1))
    written.once(laid.agencies, text.encode, FOR_ALL)
    _chains(laid, told, written)
    written.once(laid.trust, lambda: pinned(laid, demo=told.demo), FOR_ALL)
    laid.config.chmod(FOLDER)
    return written


def pinned(laid: Laid, *, demo: bool) -> bytes:
    """The trust document, as signing makes it of the keys and the chains laid out."""
    words = ["pin-trust", "--keys", str(laid.keys), *(["--demo"] if demo else [])]
    for option in ("signers", "timestamps"):
        for file in sorted(laid.config.glob(f"{option}-*.pem")):
            words += [f"--{option}", str(file)]
    done = subprocess.run(  # noqa: S603 - our own program
        [settings.python(), "-m", "signing", *words],
        check=False,
        capture_output=True,
        env=settings.for_child({}),
    )
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise CannotStart(
            f"Chưa tạo được tài liệu tin cậy: {' '.join(said)}",
            f"The trust document could not be made: {' '.join(said)}",
        )
    return done.stdout


def _env(laid: Laid, told: argparse.Namespace) -> str:
    """``.env.example`` with what was told in its place."""
    given = {
        "ECOPY_DESK_HOST": told.desk_host,
        "ECOPY_PUBLIC_HOST": told.public_host,
        "ECOPY_PUBLIC_ORIGIN": f"https://{told.public_host}",
        "SIGNING__TSA__URLS": json.dumps(told.tsa),
    }
    if told.demo:
        given |= {f"{service.upper()}__DEMO": "true" for service in SERVICES}
    text = (laid.root / ".env.example").read_text("utf-8")
    for name, value in given.items():
        text = re.sub(
            rf"^(?:# )?{name}=.*$",
            lambda _, line=f"{name}={value}": line,  # type: ignore[misc]
            text,
            count=1,
            flags=re.MULTILINE,
        )
    if told.demo:
        text += (
            "\n# --- the trial's development PKI, a room of its own\n"
            "COMPOSE_FILE=compose.yaml:deploy/docker/demo.yaml\n"
            f"ECOPY_PKI={laid.secrets / 'pki'}\n"
        )
    return text


def _secrets(laid: Laid) -> None:
    """It adds what is missing and changes nothing else."""
    subprocess.run(  # noqa: S603 - our own script
        [settings.python(), str(MAKE_SECRETS), str(laid.secrets)],
        check=True,
        stdout=subprocess.DEVNULL,
        env=settings.for_child({}),
    )


def _development_pki(laid: Laid, told: argparse.Namespace, now: datetime) -> None:
    folder = laid.secrets / "pki"
    if not folder.exists():
        pki.make(folder, base=PKI_BASE, now=now)
        folder.chmod(FOLDER)
        for path in folder.rglob("*"):
            path.chmod(FOLDER if path.is_dir() else FOR_ALL)
    for role in ("officer", "seal"):
        setattr(told, f"{role}_p12", folder / f"{role}.p12")
        setattr(told, f"{role}_password_file", folder / f"{role}.password")
    chain = laid.secrets / "pki-chain.pem"
    chain.write_bytes(b"".join(_read(folder / f"{n}.pem") for n in ("issuing", "root")))
    told.signers = told.timestamps = [chain]


def _keys(laid: Laid, told: argparse.Namespace, written: Written) -> None:
    """The keys' own files under fixed names, then the file that names them."""
    given = {
        **{f"{r}.p12": getattr(told, f"{r}_p12") for r in ("officer", "seal")},
        **{
            f"{r}.password": getattr(told, f"{r}_password_file")
            for r in ("officer", "seal")
        },
        **{f"{r}.pem": getattr(told, f"{r}_certificate") for r in ("officer", "seal")},
        "officer.png": told.officer_image,
        "hsm.pin": told.pkcs11_pin_file,
        "client.secret": told.csc_client_secret_file,
    }
    for name, source in given.items():
        if source is not None:
            content = _read(Path(source))
            written.once(laid.key_folder / name, _already(content), FOR_ALL)
    text = keys_toml(told)
    written.once(laid.keys, text.encode, FOR_ALL)


def _chains(laid: Laid, told: argparse.Namespace, written: Written) -> None:
    for option in ("signers", "timestamps"):
        for number, file in enumerate(getattr(told, option), 1):
            content = _read(Path(file))
            path = laid.config / f"{option}-{number}.pem"
            written.once(path, _already(content), FOR_ALL)


def _already(content: bytes) -> Callable[[], bytes]:
    return lambda: content


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CannotStart(
            f"Không đọc được {path}: {error.strerror}. Sửa đường dẫn rồi chạy lại; tệp"
            " đã ghi được giữ nguyên.",
            f"{path} cannot be read: {error.strerror}. Correct its path and run again;"
            " what was written stays.",
        ) from error
