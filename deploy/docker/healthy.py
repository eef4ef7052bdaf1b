"""``healthy.py PORT PATH [SUBNET]``: exit 0 if the service here answers 200 within two
seconds (for compose). It is asked at this container's address in *SUBNET*, else on
loopback. ``healthy.py SUBNET`` prints that address.

Sockets alone, started with ``python -ES``: compose runs it every five seconds for each
service, and the import of an HTTP client was most of what an idle house cost.
"""  # noqa: INP001 - a script of the image

import socket
import sys
from typing import Final

TIMEOUT_SECONDS: Final = 2.0
LOOPBACK: Final = "127.0.0.1"


def own_address(subnet: str) -> str:
    """The address from which this container would speak to *subnet*: its own, if it has
    one there. Nothing is sent: connecting such a socket only asks the routes.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.connect((subnet.partition("/")[0], 9))
        return str(asking.getsockname()[0])


def is_healthy(host: str, port: int, path: str) -> bool:
    request = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
    with socket.create_connection((host, port), TIMEOUT_SECONDS) as asked:
        asked.sendall(request.encode())
        return asked.makefile("rb").readline().split()[1:2] == [b"200"]


def main(words: list[str]) -> int:
    if len(words) == 1:
        sys.stdout.write(f"{own_address(words[0])}\n")
        return 0
    port, path, *subnet = words
    host = own_address(subnet[0]) if subnet else LOOPBACK
    return 0 if is_healthy(host, int(port), path) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
