"""What each room can reach and can do, tried from inside. Start at ``walls``."""

import json
import subprocess
from collections.abc import Iterator
from typing import Final

import yaml

from containers.trial import PROJECT, ROOT, Trial, lines_of
from support.walls import drawn

Tried = tuple[str, bool]
"""What was to hold, and whether it does."""

PORTS: Final = (
    *(80, 443, 2019, 2080, 3000, 4222, 5432, 6222, 7070),
    *(8080, 8081, 8222, 8443, 9090, 9101, 9103),
)
"""Every port that a program of the house is known to open, and its neighbours."""
PROBE: Final = """
import asyncio, json, sys
asked = json.loads(sys.argv[1])
async def tried(host, port, room):
    try:
        async with asyncio.timeout(4):
            _, writer = await asyncio.open_connection(host, port)
    except (OSError, TimeoutError):
        return None
    writer.close()
    return f"{sys.argv[2]} → {room}:{port}"
async def main():
    found = await asyncio.gather(*(tried(*one) for one in asked))
    print(json.dumps(sorted({one for one in found if one})))
asyncio.run(main())
"""
OUTSIDE: Final = "192.0.2.1"
"""A documentation address (RFC 5737): no route to it may exist inside."""
ROUTE: Final = f"""
import socket
try:
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(("{OUTSIDE}", 9))
    print("route")
except OSError:
    print("none")
"""
ACCOUNTS: Final = 1 << 5 | 1 << 6 | 1 << 7
LEFT: Final = {"caddy": 1 << 10, "intake": ACCOUNTS, "storage": ACCOUNTS}
"""Capabilities of a room's first process: the ports below 1024; another account for
its readers, and their end."""
ROOMS: Final = (
    "nats",
    "postgres",
    "versitygw",
    "caddy",
    "intake",
    "signing",
    "storage",
)


WATCHER: Final = "prometheus"
"""A room of a profile: its lines are tried from its networks, in its place."""
WATCHED: Final = ("watch-intake", "watch-signing", "watch-storage")


def walls(trial: Trial) -> Iterator[Tried]:
    """Every pair of rooms, at every address and port, against the drawing."""
    text = (ROOT / "compose.yaml").read_text()
    there = {*ROOMS, "provision"}
    expected = {
        str(line)
        for line in drawn(text)
        if line.caller in {*there, WATCHER} and line.answerer in there
    }
    doors = {room: trial.addresses(room) for room in ROOMS}
    found: set[str] = set()
    for caller in (*ROOMS, "provision"):
        asked = [
            (host, port, room)
            for room, hosts in doors.items()
            if room != caller
            for host in hosts
            for port in PORTS
        ]
        found |= set(
            json.loads(_joined(trial, caller, PROBE, json.dumps(asked), caller))
        )
    for network in WATCHED:
        asked = [(h, p, room) for room, at in doors.items() for h in at for p in PORTS]
        found |= set(json.loads(_beside(network, PROBE, json.dumps(asked), WATCHER)))
    for line in sorted(found | expected):
        shown = "drawn" if line in expected else "NOT DRAWN"
        yield f"{line} is open and {shown}", (line in found) and (line in expected)
    rooms = yaml.safe_load(text)["services"]
    for room in ROOMS:
        out = bool({"edge", "tsa"} & set(rooms[room]["networks"]))
        route = _joined(trial, room, ROUTE).strip() == "route"
        yield f"{room} has {'a' if out else 'no'} way out of this host", route == out


def hardening(trial: Trial) -> Iterator[Tried]:
    """By trying, in each room: its root, its rights, who it is."""
    for room in ROOMS:
        status = trial.inside(room, "cat", "/proc/1/status")
        rights = int(lines_of(status, "CapEff"), 16)
        yield f"{room} has no capability but its own", rights == LEFT.get(room, 0)
        yield f"{room} gains no privilege", lines_of(status, "NoNewPrivs") == "1"
        yield f"{room} has a filter of system calls", lines_of(status, "Seccomp") == "2"
        wrote = trial.inside(room, "sh", "-c", "echo x >/x && echo wrote")
        yield f"{room} cannot write its root", wrote != "wrote"
    for room in ("intake", "signing", "storage"):
        who = trial.inside(room, "sh", "-c", "cat /proc/[0-9]*/status")
        roots = [
            block
            for block in who.split("Name:")[1:]
            if lines_of(block, "Uid").startswith("0\t")
            and lines_of(block, "Pid") != "1"
            and "cat" not in block.split("\n")[0]
            and "sh" not in block.split("\n")[0]
        ]
        yield f"{room} runs nothing as root but its init", not roots
    for room, path in (
        ("signing", "/objects/scans/x"),
        ("storage", "/objects/copies/x"),
    ):
        wrote = trial.inside(room, "sh", "-c", f"echo x >{path} && echo wrote")
        yield f"{room} cannot write another's bucket", wrote != "wrote"


def _beside(network: str, program: str, *words: str) -> str:
    """What *program* prints in a container that stands in that network alone."""
    return _ours(f"{PROJECT}_{network}", program, *words)


def _joined(trial: Trial, room: str, program: str, *words: str) -> str:
    """What *program* prints in the network of a room, whose image may have no Python.

    Provision has ended: it is asked in a container of its own.
    """
    python = ("python", "-c", program, *words)
    if room == "provision":
        return trial.compose("run", "--rm", "--no-deps", "-T", room, *python).stdout
    (container,) = trial.containers(room)[:1]
    return _ours(f"container:{container}", program, *words)


def _ours(network: str, program: str, *words: str) -> str:
    """What *program* prints in an image of ours, in that network."""
    joined = ("--rm", "--pull", "never", "--network", network, "--cap-drop", "ALL")
    python = ("python", "-c", program, *words)
    done = subprocess.run(
        ["docker", "run", *joined, "ecopy-provision:local", *python],
        check=True,
        text=True,
        stdout=subprocess.PIPE,
    )
    return done.stdout
