"""What compose asks of a container every few seconds."""

import http.server
import subprocess
import sys
import threading
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[3] / "deploy/docker/healthy.py"


def healthy(*words):
    """As compose starts it."""
    command = [sys.executable, "-ES", SCRIPT, *map(str, words)]
    return subprocess.run(command, check=False, capture_output=True, text=True)


class _Answers(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/readyz" else 503)
        self.end_headers()

    def log_message(self, *_):
        """Nothing: the tests read what it answers."""


@pytest.fixture(scope="module")
def port():
    with http.server.HTTPServer(("127.0.0.1", 0), _Answers) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        yield server.server_port
        server.shutdown()
        serving.join()


def test_only_an_answer_of_200_is_healthy(port):
    """Another status and a closed port are not."""
    assert healthy(port, "/readyz").returncode == 0
    assert healthy(port, "/other").returncode == 1
    assert healthy(1, "/readyz").returncode == 1


def test_it_asks_at_its_own_address_in_a_subnet(port):
    """A face answers in one network alone; the address is printed for its entry."""
    assert healthy("127.0.0.0/8").stdout == "127.0.0.1\n"
    assert healthy(port, "/readyz", "127.0.0.0/8").returncode == 0
