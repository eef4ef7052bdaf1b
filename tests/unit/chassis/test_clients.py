"""Whose address counts: behind our proxies the client's, and nobody's invention."""

import pytest
from starlette.requests import Request

from chassis.clients import MOST_PROXIES, ClientAddresses

OURS = ("172.30.251.0/28", "fd00:1::/64")
PROXY = "172.30.251.2"


def request(peer, *forwarded):
    headers = [(b"x-forwarded-for", line.encode()) for line in forwarded]
    client = None if peer is None else (peer, 5)
    return Request({"type": "http", "headers": headers, "client": client})


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        (PROXY, ["198.51.100.7"], "198.51.100.7"),
        (PROXY, ["6.6.6.6, 198.51.100.7"], "198.51.100.7"),
        (PROXY, ["6.6.6.6", "198.51.100.7"], "198.51.100.7"),
        (PROXY, ["198.51.100.7, 172.30.251.3"], "198.51.100.7"),
        (f"::ffff:{PROXY}", ["198.51.100.7"], "198.51.100.7"),
        ("fd00:1::2", ["2001:db8::9"], "2001:db8::9"),
        (PROXY, ["::ffff:198.51.100.7"], "198.51.100.7"),
        (PROXY, [], PROXY),
        (PROXY, ["unknown"], PROXY),
        (PROXY, ["6.6.6.6, "], PROXY),
        (PROXY, [", ".join([PROXY] * (MOST_PROXIES + 1))], PROXY),
        ("192.168.1.20", ["6.6.6.6"], "192.168.1.20"),
        ("172.30.250.2", ["6.6.6.6"], "172.30.250.2"),
        (None, ["6.6.6.6"], ""),
    ],
)
def test_client_is_the_nearest_address_that_is_no_proxy_of_ours(
    peer, forwarded, client
):
    """What stands before a stranger's address in the list is the stranger's word."""
    assert ClientAddresses(OURS).of(request(peer, *forwarded)) == client


def test_without_a_proxy_nobodys_word_is_believed():
    """The default: the peer of the connection."""
    spoofed = request("198.51.100.7", "6.6.6.6")
    assert ClientAddresses(()).of(spoofed) == "198.51.100.7"


@pytest.mark.parametrize("network", ["0.0.0.0/0", "::/0", "caddy", "10.0.0.1/8", ""])
def test_network_that_would_trust_everybody_or_nobody_is_refused(network):
    with pytest.raises(ValueError, match=r"address|network|IP|bits"):
        ClientAddresses((network,))
