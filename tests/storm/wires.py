"""Faults of loopback: packets dropped, refused, lost, late, or out of order.

All of it is inside the storm's own network namespace. Start at ``partitioned``.
"""

import asyncio
from pathlib import Path

from storm.disk import run

SIDES = ("--dport", "--sport")
LOST = ("-m", "statistic", "--mode", "random", "--probability", "0.2")
"""One packet of five."""
RULES = {
    "drop": ("-j", "DROP"),
    # The resets themselves pass, or nobody would ever hear one.
    "reset": ("!", "--tcp-flags", "RST", "RST", "-j", "REJECT", "--reject-with",
              "tcp-reset"),
    "lossy": (*LOST, "-j", "DROP"),
}  # fmt: skip
BUCKET = ("rate", "512kbit", "burst", "8kbit", "latency", "900ms")
"""Half a megabit for everybody: a token bucket, not netem."""
QUEUE = ("htb", "default", "1")
QUICK_CLASS = ("classid", "1:1", "htb", "rate", "10gbit", "quantum", "60000")
SLOW_CLASS = ("classid", "1:3", "htb", "rate", "4mbit", "burst", "2kb")
LOOPBACK = ("dev", "lo")


async def partitioned(kind: str, port: int, seconds: float) -> None:
    """What goes to *port* and comes from it is treated as ``RULES`` says for *kind*."""
    await _under(
        [["INPUT", "-p", "tcp", side, str(port), *RULES[kind]] for side in SIDES],
        seconds,
    )


async def slowed(seconds: float) -> None:
    run("tc", "qdisc", "add", *LOOPBACK, "root", "tbf", *BUCKET)
    try:
        await asyncio.sleep(seconds)
    finally:
        run("tc", "qdisc", "del", *LOOPBACK, "root")


async def reordered(port: int, seconds: float) -> int:
    """Segments that came out of order meanwhile, by the kernel's own counter: one
    packet of five waits in a slow class, and the next ones overtake it.
    """
    before = _out_of_order()
    run("tc", "qdisc", "add", *LOOPBACK, "root", "handle", "1:", *QUEUE)
    try:
        for each in (QUICK_CLASS, SLOW_CLASS):
            run("tc", "class", "add", *LOOPBACK, "parent", "1:", *each)
        late = [*LOST, "-j", "CLASSIFY", "--set-class", "1:3"]
        table = ["OUTPUT", "-t", "mangle", "-p", "tcp"]
        await _under([[*table, side, str(port), *late] for side in SIDES], seconds)
    finally:
        run("tc", "qdisc", "del", *LOOPBACK, "root")
    return _out_of_order() - before


async def _under(rules: list[list[str]], seconds: float) -> None:
    for each in rules:
        run("iptables", "-w", "-A", *each)
    try:
        await asyncio.sleep(seconds)
    finally:
        for each in rules:
            run("iptables", "-w", "-D", *each)


def _out_of_order() -> int:
    rows = Path("/proc/net/netstat").read_text().splitlines()
    for names, values in zip(rows[::2], rows[1::2], strict=True):
        if names.startswith("TcpExt:"):
            return int(values.split()[names.split().index("TCPOFOQueue")])
    return 0
