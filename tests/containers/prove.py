"""The story in real containers: ``python tests/containers/prove.py [--keep]``.

Needs a Docker engine with compose, the images that compose.yaml names, and the
project's environment. Builds, starts, makes accounts, tells the demo's story through
Caddy's TLS, tries the walls from inside, and takes everything down again. Exit 0 only
if the verdict is genuine and every wall holds.
"""

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / p) for p in ("libs", "services", "deploy", "tests")]

from chassis.clock import utc_now  # noqa: E402 - after the path
from onebox import pki, sample, story, ward  # noqa: E402
from onebox.people import Person, people  # noqa: E402
from onebox.places import Places  # noqa: E402
from support.authority import (  # noqa: E402
    keys_file_of,
    trust_of,
)

PKI = "http://127.0.0.1:8427"
DESK_PORT, PUBLIC_PORT, HTTP_PORT = 9544, 9543, 9580
UP_SECONDS = 300
TARGETS = ("provision", "intake", "signing", "storage")
BUILD_SECRETS = {
    "pip-conf": Path("/etc/pip.conf"),
    "ca": Path("/etc/ssl/certs/ca-certificates.crt"),
}
"""Of this machine, where it has them; they stay out of the image."""
PROBE = """
import errno, socket, sys
for name in sys.argv[1:]:
    host, port = name.split(":")
    try:
        socket.create_connection((host, int(port)), 2).close()
        print(name, "open")
    except OSError as error:
        print(name, "no route" if error.errno == errno.ENETUNREACH else "closed")
"""
OUTSIDE = "192.0.2.1:443"
"""A documentation address (RFC 5737): no route to it may exist inside."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="prove.py", description=__doc__)
    parser.add_argument("--keep", action="store_true", help="leave it running")
    keep = parser.parse_args().keep
    with tempfile.TemporaryDirectory(prefix="ecopy-containers-") as folder:
        house = Containers(Path(folder))
        try:
            return house.prove()
        finally:
            if not keep:
                house.compose("down", "--volumes", "--timeout", "15", check=False)


class Containers:
    """One compose project with its own secrets, configuration and PKI."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._environment = os.environ | {
            "ECOPY_SECRETS": str(folder / "secrets"),
            "ECOPY_CONFIG": str(folder / "config"),
            "ECOPY_PKI": str(folder / "pki"),
            "ECOPY_DESK_PORT": str(DESK_PORT),
            "ECOPY_PUBLIC_PORT": str(PUBLIC_PORT),
            "ECOPY_PUBLIC_HTTP_PORT": str(HTTP_PORT),
            "ECOPY_PUBLIC_ORIGIN": f"https://localhost:{PUBLIC_PORT}",
        }

    def prove(self) -> int:
        self._prepare()
        self._build()
        wait = ("--wait", "--wait-timeout", str(UP_SECONDS))
        self.compose("up", "--detach", "--pull", "never", "--no-build", *wait)
        print("up: every room healthy")
        result = asyncio.run(self._story())
        print(f"verdict: {result.verdict}")
        broken = [wall for wall, holds in self._walls() if not holds]
        for wall in broken:
            print(f"broken: {wall}")
        return 0 if result.verdict == story.GENUINE and not broken else 1

    def compose(
        self, *arguments: str, check: bool = True, given: str = ""
    ) -> subprocess.CompletedProcess[str]:
        files = ("-f", "compose.yaml", "-f", "tests/containers/demo.yaml")
        return subprocess.run(
            ["docker", "compose", "-p", "ecopy-proof", *files, *arguments],
            cwd=ROOT,
            env=self._environment,
            check=check,
            input=given,
            text=True,
            stdout=subprocess.PIPE,
        )

    def _prepare(self) -> None:
        """Secrets, trust, agencies, keys: as an operator would lay them out."""
        folder, keys = self._folder / "pki", self._folder / "secrets" / "signing"
        pki.make(folder, base=PKI, now=utc_now())
        config = self._folder / "config"
        config.mkdir()
        (config / "trust.json").write_text(trust_of(folder).model_dump_json())
        (config / "agencies.toml").write_text(ward.agencies_toml())
        script = ROOT / "deploy/docker/make_secrets.py"
        subprocess.run([sys.executable, script, keys.parent], check=True)
        for name in ("officer", "seal"):
            for kind in ("p12", "password"):
                file = folder / f"{name}.{kind}"
                (keys / file.name).write_bytes(file.read_bytes())
        (keys / "keys.toml").write_text(keys_file_of(folder).read_text())
        for path in (*config.iterdir(), *keys.iterdir(), *folder.rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o444)
        folder.chmod(0o755)

    def _build(self) -> None:
        given = [
            f"--secret=id={name},src={file}"
            for name, file in BUILD_SECRETS.items()
            if file.exists()
        ]
        dockerfile = ("-f", "deploy/docker/Dockerfile", "--network", "host")
        for target in TARGETS:
            named = ("--target", target, "-t", f"ecopy-{target}:local")
            command = ["docker", "build", "-q", *dockerfile, *given, *named, "."]
            subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)

    async def _story(self) -> story.DemoResult:
        authority = self._folder / "caddy-root.crt"
        root = "caddy:/data/caddy/pki/authorities/local/root.crt"
        self.compose("cp", root, str(authority))
        os.environ["SSL_CERT_FILE"] = str(authority)
        (self._folder / "demo").mkdir()
        known = {p.role: p for p in people(self._folder / "demo")}
        for person in known.values():
            self._add(person)
        return await story.tell(
            sample.made(Places(self._folder)),
            desk=f"https://localhost:{DESK_PORT}",
            public=f"https://localhost:{PUBLIC_PORT}",
            clerk=known["clerk"],
            certifier=known["certifier"],
            keep_in=self._folder / "demo",
        )

    def _add(self, person: Person) -> None:
        add = ("service", "intake", "user-add", person.user, "--name", person.name)
        who = ("--roles", person.role, "--agency", ward.AGENCY_CODE)
        officer = ("--officer", person.officer) if person.officer else ()
        command = ("exec", "-T", "intake", *add, *who, *officer)
        self.compose(*command, given=f"{person.password}\n")

    def _walls(self) -> Iterator[tuple[str, bool]]:
        """What must be reachable, and what must not."""
        for room, door, expected in (
            ("intake", "postgres:5432", "open"),
            ("intake", "signing:8081", "closed"),
            ("intake", "versitygw:7070", "closed"),
            ("intake", OUTSIDE, "no route"),
            ("storage", "versitygw:7070", "open"),
            ("storage", "signing:8081", "closed"),
            ("storage", OUTSIDE, "no route"),
        ):
            probe = ("exec", "-T", room, "python", "-c", PROBE, door)
            answer = self.compose(*probe).stdout.strip()
            print(f"wall: {room} → {answer}")
            yield f"{room} → {door}", answer == f"{door} {expected}"
        for room, path in (
            ("intake", "/app/x"),
            ("signing", "/objects/scans/x"),
            ("storage", "/objects/copies/x"),
        ):
            touched = self.compose("exec", "-T", room, "touch", path, check=False)
            refused = "refused" if touched.returncode else "ACCEPTED"
            print(f"wall: {room} writes {path}: {refused}")
            yield f"{room} writes {path}", touched.returncode != 0
        for room, port, expected in (("storage", 8081, True), ("signing", 8081, False)):
            knock = ("sh", "-c", f"nc -w 2 {room} {port} </dev/null")
            knocked = self.compose("exec", "-T", "caddy", *knock, check=False)
            opened = knocked.returncode == 0
            print(f"wall: caddy → {room}:{port} {'open' if opened else 'closed'}")
            yield f"caddy → {room}", opened == expected


if __name__ == "__main__":
    sys.exit(main())
