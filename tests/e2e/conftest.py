"""A house of its own, a real Chromium, and the papers that a clerk drops."""

import contextlib
import io
import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path

import pikepdf
import pytest
from playwright.sync_api import BrowserContext, expect, sync_playwright

from corpus import sample_scan
from support.desk_browser import CHECKED_MS, Dropped
from support.houses import six_free_ports
from support.servers import running, wait_for
from support.settings import found

ROOT = Path(__file__).parents[2]
SHOTS = ROOT / "build" / "e2e"
OPENING_SECONDS = 180.0
DESK = {"width": 1366, "height": 768}
PHONE = {"width": 390, "height": 844}
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")


@dataclass(frozen=True)
class Person:
    user: str
    password: str


@dataclass(frozen=True)
class House:
    """What ``ecopy up`` says when it is open."""

    desk: str
    people: dict[str, Person]
    """Role → account."""
    hot_folder: Path
    process: int
    """Of the supervisor, whose children the services are."""


@pytest.fixture(scope="session")
def house(tmp_path_factory):
    with open_house(tmp_path_factory.mktemp("house")) as opened:
        yield opened


@contextlib.contextmanager
def open_house(folder, **own):
    """``ecopy up`` in an empty directory, until its doors are named; *own* are settings
    as an operator gives them.
    """
    log = folder / "said.log"
    command = [sys.executable, "-m", "onebox", "--var", str(folder / "var")]
    command = [*command, "--port", str(six_free_ports()), "up", "--demo"]
    roots = os.pathsep.join(str(ROOT / root) for root in ("libs", "services", "deploy"))
    environment = {**os.environ, "PYTHONPATH": roots, **own}
    with running(command, log, cwd=folder, env=environment) as process:

        def opened():
            assert process.poll() is None, log.read_text("utf-8")
            return "Ctrl-C" in log.read_text("utf-8")

        wait_for(opened, "the house", OPENING_SECONDS)
        yield _doors(log.read_text("utf-8"), process.pid)


def _doors(text, process):
    people = {
        role: Person(user, password)
        for user, password, role in re.findall(
            r"^sign-in: (\S+)  (\S+)  \(.*, (\w+)\)$", text, re.MULTILINE
        )
    }
    desk = re.search(r"^desk: (\S+)$", text, re.MULTILINE)
    assert desk is not None, text
    hot = re.search(r"^hot folder: (.+)$", text, re.MULTILINE)
    assert hot is not None, text
    return House(desk[1], people, Path(hot[1]), process)


@pytest.fixture(scope="session")
def chromium():
    # Playwright's own five seconds are too few for a busy machine.
    expect.set_options(timeout=CHECKED_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=found("chromium", "usr/bin/chromium-browser"),
            args=list(FLAGS),
        )
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium):
    """A person's browser: its own cookies; a script error or a broken rule fails."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_page(base="", viewport=DESK, **options):
        context = chromium.new_context(base_url=base, viewport=viewport, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda line: _note_complaint(line, complaints))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def _note_complaint(line, complaints):
    """Chromium reports each 4xx answer as an error; the tests look at the pages."""
    if line.type == "error" and "Failed to load resource" not in line.text:
        complaints.append(line.text)


@pytest.fixture(scope="session")
def shot():
    """Kept under build/ for people to look at."""
    SHOTS.mkdir(parents=True, exist_ok=True)

    def keep(page, name):
        page.screenshot(path=SHOTS / f"{name}.png")

    return keep


@pytest.fixture(scope="session")
def three_files():
    """One paper of three pages, as three scanners gave them."""
    with pikepdf.open(io.BytesIO(sample_scan.w3())) as whole:
        first = pikepdf.new()
        first.pages.append(whole.pages[0])
        pdf = io.BytesIO()
        first.save(pdf)
    second, third = io.BytesIO(), io.BytesIO()
    sample_scan.sheet(2).save(second, "JPEG", quality=80, dpi=(300, 300))
    sample_scan.sheet(3).convert("L").convert("1").save(third, "PNG", dpi=(300, 300))
    return (
        Dropped("trang-1.pdf", "application/pdf", pdf.getvalue()),
        Dropped("trang-2.jpg", "image/jpeg", second.getvalue()),
        Dropped("trang-3.png", "image/png", third.getvalue()),
    )
