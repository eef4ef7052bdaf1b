"""A figure that cannot be measured costs no other one, and nothing of it goes on."""

import os
from pathlib import Path

import pytest

from bench.desk import measured

GOOD = """
from bench.figures import Figure
async def measure():
    return {"desk.good": Figure(3, "s", "≤ 6", "in this run")}
"""
FAILS = """
async def measure():
    raise AssertionError("the digest is another one")
"""
HANGS = """
import pathlib, signal, subprocess, time
async def measure():
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    child = subprocess.Popen(["sleep", "1000"], start_new_session=True)
    pathlib.Path(__file__).with_suffix(".pid").write_text(str(child.pid))
    time.sleep(1000)
"""


@pytest.fixture
def module(tmp_path, monkeypatch):
    monkeypatch.setenv(
        "PYTHONPATH", os.pathsep.join([str(tmp_path), os.environ["PYTHONPATH"]])
    )

    def write(name, text):
        (tmp_path / f"{name}.py").write_text(text)
        return name

    return write


@pytest.fixture(autouse=True)
def _roots(monkeypatch, pytestconfig):
    roots = (pytestconfig.rootpath / root for root in pytestconfig.getini("pythonpath"))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(map(str, roots)))


async def test_each_figure_is_printed_as_its_module_ends(module, capsys):
    figures = await measured(module("good", GOOD), 120)
    assert figures["desk.good"].value == 3
    assert "desk.good = 3 s" in capsys.readouterr().out


async def test_a_module_that_fails_says_so_and_where_its_words_are(module, capsys):
    assert await measured(module("fails", FAILS), 120) == {}
    said = capsys.readouterr().out
    assert "not measured: fails" in said
    log = said.rstrip().rpartition("its words: ")[2]
    assert "the digest is another one" in Path(log).read_text("utf-8")


async def test_a_module_that_hangs_is_ended_with_all_that_it_started(
    module, capsys, tmp_path
):
    assert await measured(module("hangs", HANGS), 8, end_seconds=0.2) == {}
    assert "not done within 8 s" in capsys.readouterr().out
    started = tmp_path / "hangs.pid"
    if started.exists():  # a machine at its limit may not have come so far
        assert not alive(int(started.read_text()))


def alive(pid):
    """Whether it runs; one that was killed may still wait for its end to be noted."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text("ascii")
        return state.rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
