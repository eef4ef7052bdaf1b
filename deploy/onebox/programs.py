"""What runs: each program's command, its environment, and where it says it is ready.

Starting and watching them is the supervisor's. Start at ``service``.
"""

import json
import signal
from collections.abc import Mapping
from typing import Final

from onebox import bus_server
from onebox.places import BUCKETS, LOOPBACK, Places, Ports, url
from onebox.settings import python
from onebox.ward import AGENCY_CODE, AGENCY_NAME, AGENCY_NAME_EN
from onebox.watching import WatchedProgram

Environment = Mapping[str, str]
_HEALTH: Final = {
    "intake": ("readyz", "healthz"),
    "signing": ("healthz", "metrics"),
    "storage": ("readyz", "healthz"),
}
"""Two addresses: whether a service serves with all that it needs, and whether it lives,
whatever its neighbours do. It is ended for the second only: a restart mends a hang,
not a bus or a database that is away."""


def nats(places: Places, ports: Ports) -> WatchedProgram:
    config = bus_server.write_config(places, ports)
    return WatchedProgram(
        "nats",
        (str(bus_server.binary()), "-c", str(config)),
        f"{url(ports.nats_monitor)}/healthz",
        # It alone has no bound of its own for its end, and it bears this one: every
        # message that it has acknowledged is on the disk.
        orphaned=signal.SIGKILL,
    )


def pki(places: Places, ports: Ports) -> WatchedProgram:
    return WatchedProgram(
        "pki",
        (
            *(python(), "-m", "onebox.pki_server"),
            *("--folder", str(places.pki), "--port", str(ports.pki)),
        ),
        f"{url(ports.pki)}/healthz",
    )


def service(name: str, places: Places, ports: Ports) -> WatchedProgram:
    port = ports.named()[name]
    ready, alive = _HEALTH[name]
    return WatchedProgram(
        name,
        (python(), "-m", name),
        f"{url(port)}/{ready}",
        environment(name, places, ports),
        alive=f"{url(port)}/{alive}",
    )


def environment(name: str, places: Places, ports: Ports) -> Environment:
    """``INTAKE__…`` and so on, as each service's ``settings.py`` names them."""
    own = {
        "DATABASE__URL": places.database(name),
        "NATS__URL": f"nats://{LOOPBACK}:{ports.nats}",
        "NATS__USER_FILE": str(places.bus_keys / f"{name}.seed"),
        "NATS__SIGNING_KEY_FILE": str(places.event_keys / f"{name}.key"),
        "NATS__PUBLIC_KEYS_FILE": str(places.event_keys / "public.json"),
        "TRUST_FILE": str(places.trust),
        "DEMO": "true",
        "BIND__HOST": LOOPBACK,
        "BIND__PORT": str(ports.named()[name]),
        **_OWN[name](places, ports),
    }
    return {f"{name.upper()}__{key}": value for key, value in own.items()}


def provision(places: Places, ports: Ports) -> Environment:
    buckets = [{"url": places.bucket(name)} for name in BUCKETS]
    return {
        "PROVISION__NATS_USER_FILE": str(places.bus_keys / "provision.seed"),
        "PROVISION__NATS_URL": f"nats://{LOOPBACK}:{ports.nats}",
        "PROVISION__NATS_MONITOR": url(ports.nats_monitor),
        "PROVISION__STREAM_MAX_BYTES": str(bus_server.STREAM_BYTES),
        "PROVISION__OBJECTS": json.dumps(buckets),
    }


def _intake(places: Places, ports: Ports) -> dict[str, str]:
    hot = {
        "name": "Máy quét",
        "path": str(places.hot_folder),
        "agency": AGENCY_CODE,
    }
    return {
        "SCANS__URL": places.bucket("scans"),
        "PUBLIC_HOST": url(ports.storage),
        "AGENCIES_FILE": str(places.agencies),
        "LINK_KEY_FILE": str(places.link_key),
        "HOT_FOLDERS__FOLDERS": json.dumps([hot]),
    }


def _signing(places: Places, ports: Ports) -> dict[str, str]:
    return {
        "SCANS__URL": places.bucket("scans"),
        "COPIES__URL": places.bucket("copies"),
        "KEYS_FILE": str(places.signing_keys),
        "TSA__URLS": json.dumps([f"{url(ports.pki)}/tsa"]),
    }


def _storage(places: Places, ports: Ports) -> dict[str, str]:
    return {
        "PUBLIC_HOST": url(ports.storage),
        "OFFICE__NAME": AGENCY_NAME,
        "OFFICE__NAME_EN": AGENCY_NAME_EN,
        "COPIES__URL": places.bucket("copies"),
        "ARCHIVE__URL": places.bucket("archive"),
    }


_OWN = {"intake": _intake, "signing": _signing, "storage": _storage}
