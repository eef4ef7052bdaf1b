"""What the bus server says at its monitoring port: how it keeps what it has
acknowledged, and what is missing in it. Plain HTTP and no client of the bus: a command
that only asks starts in half the time (docs/decisions/0081).
"""

import json
import urllib.request
from typing import Any, Final

from ecopy.topology import CONSUMERS, DEAD_STREAM, MARKS_STREAM, STREAM

OLDEST_SERVER: Final = (2, 15, 1)
"""Earlier ones ignored ``sync_interval: always`` when they compacted."""
STREAMS_PATH: Final = "/jsz?accounts=true&streams=true&consumers=true"
TIMEOUT_SECONDS: Final = 10.0


class NotDurable(Exception):
    """The bus server would lose what it has acknowledged."""


def missing(monitor: str) -> list[str]:
    """Names of the streams and the consumers that the server does not have."""
    return missing_from(_ask(monitor, STREAMS_PATH))


def missing_from(answer: Any) -> list[str]:
    """*answer*: what the monitoring port says at STREAMS_PATH. LookupError or TypeError
    for another program's answer.
    """
    accounts = answer["account_details"] if answer["streams"] else []
    streams = [s for account in accounts for s in account.get("stream_detail", [])]
    ours = {stream["name"]: stream for stream in streams}
    beside = [name for name in (DEAD_STREAM, MARKS_STREAM) if name not in ours]
    if STREAM not in ours:
        return [STREAM, *beside]
    there = {c["name"] for c in ours[STREAM].get("consumer_detail") or []}
    return [c.durable for c in CONSUMERS if c.durable not in there] + beside


def check_server(monitor: str) -> None:
    """Ask the monitoring port, the only place that shows the sync interval."""
    found = _ask(monitor, "/varz")
    version = tuple(int(part) for part in found["version"].split("-")[0].split("."))
    if version < OLDEST_SERVER:
        raise NotDurable(f"nats-server {found['version']} is older than 2.15.1")
    config = found.get("jetstream", {}).get("config", {})
    if not config.get("sync_always"):
        raise NotDurable(
            "nats-server runs without 'jetstream { sync_interval: always }'"
        )


def _ask(monitor: str, path: str) -> Any:
    with urllib.request.urlopen(f"{monitor}{path}", timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310 - an operator's setting
        return json.load(answer)
