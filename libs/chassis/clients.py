"""Whose request it is: the client's own address behind proxies of ours.

``X-Forwarded-For`` is a list that each proxy adds to at its end, so only what stands
behind the nearest stranger was written by us. The uvicorn option that reads it is off:
it believes one list for the whole process and takes what is no address at all.
"""

import ipaddress
from collections.abc import Sequence
from typing import Final

from starlette.requests import Request

from chassis.addresses import parsed_address

FORWARDED: Final = "x-forwarded-for"
MOST_PROXIES: Final = 8
"""More than any way into a house has; a longer list is somebody's joke."""


class ClientAddresses:
    """The address of each request's client. Raises ValueError for what is no network,
    and for one that would make everybody a proxy.
    """

    def __init__(self, trusted_proxies: Sequence[str]) -> None:
        self._proxies = [ipaddress.ip_network(network) for network in trusted_proxies]
        for network in self._proxies:
            if not network.prefixlen:
                raise ValueError(f"{network} is every address, not a proxy's network")

    def of(self, request: Request) -> str:
        """The nearest address that is not our own proxy.

        Where a proxy of ours names no address, its own is all that is certain.
        """
        nearest = request.client.host if request.client else ""
        # A proxy may add a header of its own instead of adding to the one that came:
        # the first header alone would be the client's invention.
        forwarded = ",".join(request.headers.getlist(FORWARDED)).split(",")
        for _ in range(MOST_PROXIES):
            before = parsed_address(forwarded.pop()) if forwarded else None
            if before is None or not self._is_proxy(nearest):
                break
            nearest = str(before)
        return nearest

    def _is_proxy(self, address: str) -> bool:
        parsed = parsed_address(address)
        return parsed is not None and any(parsed in known for known in self._proxies)
