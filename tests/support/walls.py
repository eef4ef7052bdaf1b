"""Who can open a connection to whom in ``compose.yaml``: as its head draws it, and as
its networks and listening addresses make it.

The unit test holds the two against each other, and ``make containers`` tries each pair
from inside. Start at ``drawn`` and ``open_lines``.
"""

import ipaddress
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[2]
WORLD: Final = "the world"
_DRAWN: Final = re.compile(r"^#   (\w+(?: \w+)?) +→ (.+)$", re.MULTILINE)
_VARIABLE: Final = re.compile(r"\$\{(\w+)(?::[-?]([^}]*))?\}")
_EVERY: Final = "0.0.0.0"


@dataclass(frozen=True, slots=True, order=True)
class Line:
    """A connection that one room can open at another's port."""

    caller: str
    answerer: str
    port: int

    def __str__(self) -> str:
        return f"{self.caller} → {self.answerer}:{self.port}"


@dataclass(frozen=True, slots=True)
class Listening:
    """A port of a room: at every address of its, or at its one in a subnet."""

    port: int
    at: str = _EVERY


Compose = Mapping[str, Any]


def drawn(text: str) -> frozenset[Line]:
    """The lines of the drawing at the head of the file."""
    head = text.partition("\nname:")[0]
    return frozenset(
        Line(caller, *_door(door))
        for caller, doors in _DRAWN.findall(head)
        for door in doors.split(", ")
    )


def open_lines(compose: Compose, listening: Mapping[str, list[Listening]]) -> set[Line]:
    """Every line that the networks leave open to the ports that are listened on."""
    rooms = compose["services"]
    return {
        Line(caller, answerer, door.port)
        for caller in rooms
        for answerer in rooms
        if caller != answerer
        for door in listening[answerer]
        if any(
            _answers(compose, door, network)
            for network in shared(compose, caller, answerer)
        )
    }


def published(compose: Compose) -> set[Line]:
    """The lines from outside this host: the ports of containers that are published."""
    return {
        Line(WORLD, room, int(port.rsplit(":", 1)[1]))
        for room, settings in compose["services"].items()
        for port in settings.get("ports", ())
    }


def shared(compose: Compose, one: str, other: str) -> set[str]:
    rooms = compose["services"]
    return set(rooms[one]["networks"]) & set(rooms[other]["networks"])


def resolved(text: str, given: Mapping[str, str] | None = None) -> str:
    """*text* as compose reads it: each variable has its value or its default."""
    return _VARIABLE.sub(lambda m: (given or {}).get(m[1], m[2] or ""), text)


def listening_of(compose: Compose) -> dict[str, list[Listening]]:
    """What each room listens on beside its own loopback, from its own settings."""
    rooms = compose["services"]
    return {
        "nats": list(_bus(rooms["nats"])),
        "postgres": [Listening(5432)],
        "versitygw": [_port(rooms["versitygw"]["environment"]["VGW_PORT"])],
        "caddy": list(_caddy(rooms["caddy"])),
        "provision": [],
        "prometheus": [_named(rooms["prometheus"]["command"])],
        "grafana": [
            Listening(3000, rooms["grafana"]["environment"]["GF_SERVER_HTTP_ADDR"])
        ],
        **{name: _ours(name, rooms[name]) for name in ("intake", "signing", "storage")},
    }


def _ours(name: str, room: Compose) -> list[Listening]:
    """The face, and what Prometheus asks: signing has the second alone."""
    own = room["environment"]
    faces = {"OPERATIONS": "ECOPY_WATCH_SUBNET", "BIND": "ECOPY_FACE_SUBNET"}
    if name == "signing":
        faces = {"BIND": "ECOPY_WATCH_SUBNET"}
    found = []
    for block, subnet in faces.items():
        prefix = f"{name.upper()}__{block}"
        host = own.get(f"{prefix}__HOST", own.get(subnet, _EVERY))
        found.append(Listening(int(own[f"{prefix}__PORT"]), host))
    return found


def _charts(room: Compose) -> Listening:
    return Listening(3000, room["environment"]["GF_SERVER_HTTP_ADDR"])


def _named(command: list[str]) -> Listening:
    (said,) = (word for word in command if word.startswith("--web.listen-address="))
    return _port(said.partition("=")[2])


def _bus(room: Compose) -> Iterator[Listening]:
    text = (ROOT / "deploy/nats/nats.conf").read_text()
    for _, value in re.findall(
        r"^(port|http|https|listen|monitor_port): (\S+)", text, re.MULTILINE
    ):
        said = value.strip('"')
        if said.startswith("$"):
            said = room["environment"][said[1:]]
        yield _port(said)


def _caddy(room: Compose) -> Iterator[Listening]:
    text = (ROOT / "deploy/caddy/Caddyfile").read_text()
    default = re.search(r"default_bind \{\$(\w+):[^}]*\}", text)
    at = room["environment"][default[1]] if default else _EVERY
    for site in re.split(r"^(?=https?://)", text, flags=re.MULTILINE)[1:]:
        bound = re.search(r"^\tbind (\S+)", site, re.MULTILINE)
        if not bound or bound[1] != "127.0.0.1":
            port = re.search(r":(\d+) \{", site.split("\n")[0])
            assert port, site
            yield Listening(int(port[1]), at)


def _port(said: str) -> Listening:
    host, _, port = said.rpartition(":")
    return Listening(int(port), host or _EVERY)


def _door(text: str) -> tuple[str, int]:
    room, _, port = text.partition(":")
    return room, int(port)


def _answers(compose: Compose, door: Listening, network: str) -> bool:
    """Whether a room with that door answers at it in that network."""
    if door.at == _EVERY:
        return True
    (config,) = compose["networks"][network]["ipam"]["config"]
    subnet = ipaddress.IPv4Network(config["subnet"])
    return ipaddress.IPv4Network(door.at).subnet_of(subnet)
