"""Ports, the lock, files: each refusal is one plain sentence."""

import socket
import stat

import pytest

from chassis.starting import CannotStart
from onebox.files import write_secret, write_text
from onebox.locked import only_one
from onebox.places import Ports, check_free


@pytest.fixture
def taken():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_ports_move_together():
    """PORT= moves all six, one after the other."""
    assert sorted(Ports.starting_at(9420).named().values()) == list(range(9420, 9426))


def test_taken_port_is_named(taken):
    """A taken port is told with its number and the way out."""
    with pytest.raises(CannotStart, match=rf"Port {taken} .*PORT={taken + 1000}"):
        check_free(Ports.starting_at(taken))


def test_port_of_the_certificates(taken):
    """The PKI's port is in the certificates: it says what helps."""
    ports = Ports.starting_at(20000, pki=taken)
    with pytest.raises(CannotStart, match="make reset"):
        check_free(ports)


def test_only_one_at_a_time(tmp_path):
    """A second onebox on the same var/ is refused; after the first one it may."""
    with only_one(tmp_path), pytest.raises(CannotStart, match="already runs"):  # noqa: SIM117
        with only_one(tmp_path):
            pass
    with only_one(tmp_path):
        pass


def test_secrets_are_for_their_owner(tmp_path):
    """0600 from the first moment, and never written over."""
    path = tmp_path / "keys" / "a.key"
    write_secret(path, b"x")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(FileExistsError):
        write_secret(path, b"y")


def test_text_is_replaced_whole(tmp_path):
    """A reader sees the old text or the new one, and no draft is left."""
    path = tmp_path / "a" / "t"
    write_text(path, "một")
    write_text(path, "hai")
    assert path.read_text("utf-8") == "hai"
    assert list(path.parent.iterdir()) == [path]
