"""``ecopy doctor`` over a bus that is up, forgetful, down, or no bus at all."""

import json
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from onebox import cli, doctor
from onebox.places import Places, Ports
from support import servers

NOW = datetime(2026, 11, 28, 9, 0, tzinfo=UTC)


@pytest.fixture
def bus_line(tmp_path):
    """What doctor says of the bus whose monitoring port is this one."""

    def line(monitor):
        first = monitor - Ports.starting_at(0).nats_monitor
        found = doctor.examine(Places(tmp_path), first, now=NOW)
        (line,) = [f for f in found if "sync_interval" in f.text]
        return line

    return line


@pytest.fixture
def forgetful(tmp_path):
    """nats-server as it comes: it syncs now and then."""
    server = servers.Nats(tmp_path, servers.free_port(), servers.free_port())
    (tmp_path / "nats.conf").write_text(
        f"host: 127.0.0.1\nport: {server.port}\nhttp: 127.0.0.1:{server.monitor_port}\n"
        f'jetstream {{ store_dir: "{tmp_path}/js" }}\n'
    )
    server.start()
    yield server
    server.stop()


@pytest.fixture
def stranger():
    """Port of a web server that is no bus."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"[]")

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def test_bus_that_keeps_what_it_acknowledges(bus_line, nats_server):
    """sync_interval: always, read from the server itself."""
    line = bus_line(nats_server.monitor_port)
    assert line.good
    assert line.text.endswith(": always")


def test_forgetful_bus(bus_line, forgetful):
    """Said in one line, and not good: doctor's exit status is 1."""
    line = bus_line(forgetful.monitor_port)
    assert not line.good
    assert "not durable" in line.text
    assert "sync_interval: always" in line.text


def test_bus_that_is_down(bus_line):
    """Nothing to ask, nothing wrong."""
    assert bus_line(servers.free_port()).good


def test_another_program_on_the_port(bus_line, stranger):
    """Its answer is not the bus's: one line, no traceback."""
    line = bus_line(stranger)
    assert not line.good
    assert "not readable" in line.text


def test_programs_read_the_same_as_people(tmp_path, capsys):
    """``--json``: each finding with whether it is good; the exit status is the same."""
    words = ["--var", str(tmp_path), "--port", str(servers.free_port()), "doctor"]
    status = cli.main(words)
    said = capsys.readouterr().out.splitlines()
    assert cli.main([*words, "--json"]) == status
    findings = json.loads(capsys.readouterr().out)["findings"]
    assert len(findings) == len(said)
    assert status == (0 if all(f["good"] for f in findings) else 1)


def test_the_readers_cell_has_a_line(tmp_path):
    """What this kernel gives to lock a stranger's file in; see test_walls.py."""
    found = doctor.examine(Places(tmp_path), servers.free_port(), now=NOW)
    assert doctor.walls() in list(found)
