"""How ``ecopy`` ends: its exit status, and one sentence for what it could not do."""

import dataclasses

import httpx
import pytest

from onebox import cli
from onebox.plain import CannotError


@pytest.fixture
def ended(monkeypatch, tmp_path, capsys):
    """Exit status and words of a demo that ends so."""

    def end(error: Exception) -> tuple[int, str]:
        def act(_):
            raise error

        acts = dataclasses.replace(cli.ACTS, demo=act)
        monkeypatch.setattr(cli, "ACTS", acts)
        status = cli.main(["--var", str(tmp_path), "demo", "--once"])
        return status, capsys.readouterr().err

    return end


def test_what_it_cannot_is_said(ended):
    """Vietnamese, then English, and exit status 1."""
    assert ended(CannotError("không", "no")) == (1, "\nkhông\nno\n")


def test_no_traceback_of_the_client(ended):
    """Whatever the HTTP client says becomes a sentence that names the logs."""
    status, words = ended(httpx.ReadError("broken"))
    assert status == 1
    assert "A service could not answer (ReadError('broken'))" in words
