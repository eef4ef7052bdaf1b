"""Make the files that compose.yaml mounts as secrets: ``make_secrets.py DIRECTORY``.

Files 0444 in a directory 0700: compose mounts them with the host's owner and mode, and
the services run as somebody else. What exists is kept; the two files with the public
halves are written anew from the seeds.
"""  # noqa: INP001 - a script beside the Dockerfile

import argparse
import json
import secrets
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "libs"))

from chassis.nkey import Nkey, server_variables

SERVICES: Final = ("intake", "signing", "storage")
BUS_USERS: Final = (*SERVICES, "provision")
RANDOM: Final = (
    "postgres_password",
    *(f"{service}_database_password" for service in SERVICES),
    "s3_root_secret",
    "s3_storage_secret",
    "storage_address_key",
    "link_key",
    "grafana_password",
    *(f"{service}_event_key" for service in SERVICES),
)
"""32 random bytes, hex: passwords, and the seeds of Ed25519 keys."""
KEYS_README: Final = """\
Here: keys.toml and what it names (docs in services/signing/adapters/keys/__init__.py).
Files readable by user 10001, 0444: this folder alone is mounted, into signing only.
"""
CERTS_README: Final = """\
Here: your own TLS certificates with their chains, and their keys, if you have any; then
ECOPY_DESK_TLS="/certs/desk.pem /certs/desk.key" in .env, and so for ECOPY_PUBLIC_TLS.
Files 0444: this folder alone is mounted, into caddy only. Restart caddy after a change.
"""


def make(directory: Path) -> list[str]:
    """Names of the files that were made."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = [n for n in RANDOM if _once(directory / n, lambda: secrets.token_hex(32))]
    seeds = [f"{user}_bus_seed" for user in BUS_USERS]
    made += [n for n in seeds if _once(directory / n, _new_user_seed)]
    _write(directory / "bus_users", _bus_users(directory))
    _write(directory / "event_public_keys", _event_public_keys(directory))
    for name, readme in (("signing", KEYS_README), ("caddy", CERTS_README)):
        (directory / name).mkdir(mode=0o755, exist_ok=True)
        _once(directory / name / "README", lambda text=readme: text)
    return made


def _bus_users(directory: Path) -> str:
    """Variables of nats.conf: service → public nkey."""
    seeds = {u: (directory / f"{u}_bus_seed").read_text() for u in BUS_USERS}
    return server_variables(seeds)


def _event_public_keys(directory: Path) -> str:
    named = {}
    for service in SERVICES:
        seed = bytes.fromhex((directory / f"{service}_event_key").read_text().strip())
        public = Ed25519PrivateKey.from_private_bytes(seed).public_key()
        named[service] = public.public_bytes_raw().hex()
    return json.dumps(named, indent=2) + "\n"


def _new_user_seed() -> str:
    return Nkey.generate().seed_text


def _once(path: Path, content: Callable[[], str]) -> bool:
    if path.exists():
        return False
    _write(path, content())
    return True


def _write(path: Path, text: str) -> None:
    draft = path.with_name(path.name + ".new")
    draft.write_text(text + ("" if text.endswith("\n") else "\n"))
    draft.chmod(0o444)
    draft.replace(path)


def main() -> int:
    parser = argparse.ArgumentParser(prog="make-secrets", description=__doc__)
    parser.add_argument("directory", type=Path)
    directory = parser.parse_args().directory
    made = make(directory)
    sys.stdout.write(f"{directory}: {len(made)} made, the rest was there\n")
    sys.stdout.write(f"next: put keys.toml and its keys into {directory / 'signing'}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
