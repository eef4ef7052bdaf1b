"""What runs: each program's command, its environment, and where it says it is ready."""

import json
from collections.abc import Mapping

from onebox import bus_server
from onebox.places import LOOPBACK, Places, Ports, url
from onebox.settings import python
from onebox.supervisor import Program
from onebox.ward import AGENCY_NAME, AGENCY_NAME_EN

Environment = Mapping[str, str]


def nats(places: Places, ports: Ports) -> Program:
    config = bus_server.write_config(places, ports)
    return Program(
        "nats",
        (str(bus_server.binary()), "-c", str(config)),
        f"{url(ports.nats_monitor)}/healthz",
    )


def pki(places: Places, ports: Ports) -> Program:
    return Program(
        "pki",
        (
            *(python(), "-m", "onebox.pki_server"),
            *("--folder", str(places.pki), "--port", str(ports.pki)),
        ),
        f"{url(ports.pki)}/healthz",
    )


def service(name: str, places: Places, ports: Ports) -> Program:
    port = ports.named()[name]
    health = "healthz" if name == "signing" else "readyz"
    return Program(
        name,
        (python(), "-m", name),
        f"{url(port)}/{health}",
        environment(name, places, ports),
    )


def environment(name: str, places: Places, ports: Ports) -> Environment:
    """``INTAKE__…`` and so on, as each service's ``settings.py`` names them."""
    own = {
        "DATABASE__URL": places.database(name),
        "NATS__URL": f"nats://{LOOPBACK}:{ports.nats}",
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
    buckets = [{"url": places.bucket(b)} for b in ("scans", "copies", "archive")]
    return {
        "PROVISION__NATS_URL": f"nats://{LOOPBACK}:{ports.nats}",
        "PROVISION__NATS_MONITOR": url(ports.nats_monitor),
        "PROVISION__STREAM_MAX_BYTES": str(bus_server.STREAM_BYTES),
        "PROVISION__OBJECTS": json.dumps(buckets),
    }


def _intake(places: Places, ports: Ports) -> dict[str, str]:
    return {
        "SCANS__URL": places.bucket("scans"),
        "PUBLIC_HOST": url(ports.storage),
        "AGENCIES_FILE": str(places.agencies),
        "LINK_KEY_FILE": str(places.link_key),
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
