"""One compose project with secrets, configuration and PKI of its own: the house that
``prove`` tries. What is tried in it stands in the modules beside. Start at ``Trial``.
"""

import json
import os
import re
import resource
import subprocess
from pathlib import Path
from typing import Final

import yaml

from onebox import ward
from onebox.compose.demo import TSA
from onebox.people import Person, people
from support.laid_out import demo_house

ROOT: Final = Path(__file__).resolve().parents[2]
PROJECT: Final = "ecopy-proof"
SUBNETS: Final = "172.30.250"
DESK_PORT, PUBLIC_PORT, HTTP_PORT = 9544, 9543, 9580
UP_SECONDS: Final = 600
TARGETS: Final = ("provision", "intake", "signing", "storage", "operator")
BUILD_SECRETS: Final = {
    "pip-conf": Path("/etc/pip.conf"),
    "ca": Path("/etc/ssl/certs/ca-certificates.crt"),
}
"""Of this machine, where it has them; they stay out of the image."""


class Trial:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.house = folder / "house"
        self.secrets = self.house / "secrets"
        self.desk = f"https://localhost:{DESK_PORT}"
        self.public = f"https://localhost:{PUBLIC_PORT}"
        self._environment = os.environ | {
            "ECOPY_SECRETS": str(self.secrets),
            "ECOPY_CONFIG": str(self.house / "config"),
            "ECOPY_PKI": str(self.secrets / "pki"),
            "ECOPY_SUBNETS": SUBNETS,
            "ECOPY_DESK_PORT": str(DESK_PORT),
            "ECOPY_PUBLIC_PORT": str(PUBLIC_PORT),
            "ECOPY_PUBLIC_HTTP_PORT": str(HTTP_PORT),
            "ECOPY_PUBLIC_ORIGIN": self.public,
            "SIGNING__TSA__URLS": f'["{TSA}"]',
        }
        self.people = {p.role: p for p in people(_made(folder / "demo"))}

    def set(self, name: str, value: str) -> None:
        """A variable of .env, from the next call of compose on."""
        self._environment[name] = value

    def compose(
        self, *words: str, check: bool = True, given: str = ""
    ) -> subprocess.CompletedProcess[str]:
        own = (ROOT / "deploy/docker/demo.yaml", self.folder / "limits.yaml")
        files = ("-f", "compose.yaml", *(w for file in own for w in ("-f", file)))
        return subprocess.run(
            ["docker", "compose", "-p", PROJECT, *files, *words],
            cwd=ROOT,
            env=self._environment,
            check=check,
            input=given,
            text=True,
            stdout=subprocess.PIPE,
        )

    def up(self, *words: str) -> None:
        """Up, and every room healthy; raises where one is not."""
        wait = ("--wait", "--wait-timeout", str(UP_SECONDS))
        self.compose("up", "--detach", "--pull", "never", "--no-build", *wait, *words)

    def inside(self, room: str, *words: str) -> str:
        """What a program in a room prints, whatever its exit status."""
        return self.compose("exec", "-T", room, *words, check=False).stdout.strip()

    def containers(self, room: str) -> list[str]:
        return self.compose("ps", "-q", room).stdout.split()

    def lay_out(self) -> None:
        """Secrets, trust, agencies, keys: as an operator would, by ``ecopy init``."""
        demo_house(self.folder)
        (self.folder / "limits.yaml").write_text(json.dumps(_within_our_limits()))
        self.folder.chmod(0o755)

    def build(self) -> dict[str, int]:
        """Each image of ours and its bytes."""
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
        return {
            name: int(_asked(f"ecopy-{name}:local", "{{.Size}}")) for name in TARGETS
        }

    def pid(self, container: str) -> int:
        return int(_asked(container, "{{.State.Pid}}"))

    def addresses(self, room: str) -> list[str]:
        shown = "{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}"
        return [a for c in self.containers(room) for a in _asked(c, shown).split()]

    def trust_caddy(self) -> None:
        """Programs started from here believe Caddy's own authority."""
        authority = self.folder / "caddy-root.crt"
        root = "caddy:/data/caddy/pki/authorities/local/root.crt"
        self.compose("cp", root, str(authority))
        os.environ["SSL_CERT_FILE"] = str(authority)

    def add_people(self) -> None:
        for person in self.people.values():
            self._add(person)

    def _add(self, person: Person) -> None:
        add = ("service", "intake", "user-add", person.user, "--name", person.name)
        who = ("--roles", person.role, "--agency", ward.AGENCY_CODE)
        officer = ("--officer", person.officer) if person.officer else ()
        command = ("exec", "-T", "intake", *add, *who, *officer)
        self.compose(*command, given=f"{person.password}\n")

    def psql(self, query: str) -> str:
        """One value of the database, asked by its owner at its socket."""
        asked = ("psql", "-U", "postgres", "-d", "ecopy", "-Atc", query)
        return self.compose("exec", "-T", "postgres", *asked).stdout.strip()


def lines_of(text: str, name: str) -> str:
    """The value of a line of /proc/PID/status."""
    found = re.search(rf"^{name}:\s*(.*)$", text, re.MULTILINE)
    return found[1] if found else ""


def _within_our_limits() -> dict[str, object]:
    """An override of compose.yaml: descriptors up to this machine's own hard limit. An
    engine without CAP_SYS_RESOURCE, as in a sandbox, can give a room no more.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    rooms = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    lowered = {}
    for name, room in rooms.items():
        wanted = room["ulimits"]["nofile"]["hard"]
        if resource.RLIM_INFINITY != hard < wanted:
            print(f"    {name}: {hard} descriptors here, not {wanted}", flush=True)
            lowered[name] = {"ulimits": {"nofile": {"soft": hard, "hard": hard}}}
    return {"services": lowered}


def _asked(container: str, template: str) -> str:
    command = ["docker", "inspect", "-f", template, container]
    return subprocess.run(
        command, check=True, text=True, stdout=subprocess.PIPE
    ).stdout.strip()


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
