"""No line between two rooms of compose.yaml is open that its drawing lacks."""

import ipaddress
import itertools

import pytest
import yaml

from support.walls import (
    ROOT,
    Line,
    drawn,
    listening_of,
    open_lines,
    published,
    resolved,
)

TEXT = (ROOT / "compose.yaml").read_text()


def _compose(text=TEXT):
    return yaml.safe_load(resolved(text))


def _open(text=TEXT):
    compose = _compose(text)
    return open_lines(compose, listening_of(compose)) | published(compose)


def test_the_open_lines_are_the_drawn_ones():
    """Every pair of rooms, both ways, from the networks and the listening addresses."""
    assert _open() == drawn(TEXT)


@pytest.mark.parametrize(
    ("before", "after", "opened"),
    [
        ("db-intake, w", "db-intake, store-storage, w", "intake → versitygw:7070"),
        ("[desk, bus-intake,", "[desk, public, bus-intake,", "intake → storage:8081"),
        ("[bus-signing, db-signing,", "[bus-provision, tsa,", "signing → nats:8222"),
        ("ECOPY_FACE_SUBNET:", "INTAKE__BIND__HOST: 0.0.0.0 #", "nats → intake:8080"),
        ("114:8222", "66:8222", "intake → nats:8222"),
        (
            "ECOPY_WATCH_SUBNET:",
            "INTAKE__OPERATIONS__HOST: 0.0.0.0 #",
            "nats → intake:9101",
        ),
        ("202:9090", "210:9090", "intake → prometheus:9090"),
        ("watch-signing]", "watch-signing, charts]", "signing → prometheus:9090"),
    ],
)
def test_a_line_too_many_is_seen(before, after, opened):
    """A service in another's network, a face bound to every address, a monitor beside
    its place: the comparison above names each."""
    assert before in TEXT
    changed = _open(TEXT.replace(before, after, 1)) - drawn(TEXT)
    assert opened in {str(line) for line in changed}


def test_a_network_is_one_line():
    """Two rooms in each, and one alone in each that leads outside: a third one would be
    a door away from its neighbours, whatever they listen on today."""
    compose = _compose()
    for name, network in compose["networks"].items():
        rooms = [r for r, s in compose["services"].items() if name in s["networks"]]
        assert len(rooms) == (2 if network.get("internal") else 1), (name, rooms)


def test_the_networks_lie_beside_each_other():
    """Sixteen addresses for each that replicas share, none twice, all in the /24 that
    .env names; whatever has a fixed address has it in its network.
    """
    compose = _compose()
    subnets = {}
    for name, network in compose["networks"].items():
        (config,) = network["ipam"]["config"]
        subnets[name] = ipaddress.ip_network(config["subnet"])
        alone = {"edge", "charts", "charts-edge", "store-provision"}
        assert subnets[name].prefixlen == (29 if name in alone else 28)
    placed = sorted(subnets.values())
    assert not any(a.overlaps(b) for a, b in itertools.pairwise(placed))
    (whole,) = {each.supernet(new_prefix=24) for each in subnets.values()}
    assert str(whole) == "172.30.251.0/24"
    for room in compose["services"].values():
        networks = room["networks"]
        fixed = networks.items() if isinstance(networks, dict) else ()
        for name, settings in fixed:
            address = settings.get("ipv4_address")
            assert address is None or ipaddress.ip_address(address) in subnets[name]


def test_a_line_reads_as_it_is_drawn():
    """What a failure prints is what the head of compose.yaml would say."""
    assert str(Line("caddy", "intake", 8080)) == "caddy → intake:8080"
