"""The development PKI in a room of its own, at every address of that container
(``deploy/docker/demo.yaml``).

The onebox's own server listens on loopback alone, as it must on a machine of people.
"""

import argparse
from http.server import ThreadingHTTPServer
from pathlib import Path

from chassis.clock import utc_now
from onebox.pki_server import Handler, PkiAnswers


def main() -> None:
    parser = argparse.ArgumentParser(prog="pki_room", description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    needs = parser.parse_args()
    server = ThreadingHTTPServer(("", needs.port), Handler)
    vars(server)["answers"] = PkiAnswers(needs.folder, clock=utc_now)
    server.serve_forever()


if __name__ == "__main__":
    main()
