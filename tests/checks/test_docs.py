"""What the pages of this repository name is there, and each folder says what it is."""

import ast
import re
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).parents[2]
MADE = ("build", "var", "dist", "__pycache__")
"""Folders that a demo, a test or an interpreter makes, beside those with a dot."""


def files(folder: Path) -> Iterator[str]:
    """Every file of the repository, without what is made; not by git, because a tree
    that was unpacked from an archive has none.
    """
    for path in sorted(folder.iterdir()):
        if path.is_file():
            yield str(path.relative_to(ROOT))
        elif path.name not in MADE and (path.name == ".ci" or path.name[0] != "."):
            yield from files(path)


FILES = tuple(files(ROOT))
FOLDERS = {str(parent) for name in FILES for parent in PurePosixPath(name).parents}
PAGES = [name for name in FILES if name.endswith(".md") and name != "CHANGELOG.md"]
"""The change log also speaks of what was."""
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
QUOTED = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ +(.+)$", re.MULTILINE)
SOURCE = re.compile(r"[\w./*-]+\.(py|md|sh|js|css|html|j2|typ|conf|sql|yaml)")
"""Files that nothing but a commit makes; a demo makes .json, .toml and .pem, too."""
LOCATION = re.compile(r"[\w.*-]+(/[\w.*-]+)+/?")
NEVER = {
    "adapters/helpers.py": "0002: a file that the contracts would refuse",
    "storage/helpers.py": "0002: a file that the contracts would refuse",
}
TOP = {part for folder in FOLDERS for part in PurePosixPath(folder).parts}


def named_paths(text: str) -> Iterator[str]:
    """What stands in backticks and looks like a file or a folder of ours."""
    for quoted in QUOTED.findall(FENCE.sub("", text)):
        if quoted.split("/")[0] in MADE or quoted in NEVER:
            continue
        within = LOCATION.fullmatch(quoted) and quoted.split("/")[0] in TOP
        if within or SOURCE.fullmatch(quoted):
            yield quoted.rstrip("/")


def is_there(path: str) -> bool:
    """Whether something that is committed has this name, or ends with it."""
    every = (*FILES, *FOLDERS)
    return any(fnmatch(each, path) or fnmatch(each, f"*/{path}") for each in every)


def anchors(text: str) -> set[str]:
    """The headings as a browser's address names them."""
    bare = (re.sub(r"[^\w\- ]", "", h.lower()) for h in HEADING.findall(text))
    return {heading.replace(" ", "-") for heading in bare}


def broken_links(page: str, text: str) -> Iterator[str]:
    for link in LINK.findall(FENCE.sub("", text)):
        if link.startswith(("http:", "https:", "mailto:")):
            continue
        name, _, anchor = link.partition("#")
        target = (ROOT / page).parent / name if name else ROOT / page
        if not target.exists():
            yield link
            continue
        if anchor and anchor not in anchors(target.read_text("utf-8")):
            yield link


@pytest.mark.parametrize("page", PAGES)
def test_every_path_in_a_page_exists(page):
    """A file that moves takes the pages that name it along."""
    text = (ROOT / page).read_text("utf-8")
    assert [path for path in named_paths(text) if not is_there(path)] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_link_in_a_page_leads_somewhere(page):
    """Relative links and their anchors; other hosts are not asked."""
    text = (ROOT / page).read_text("utf-8")
    assert list(broken_links(page, text)) == []


@pytest.mark.parametrize(
    "wrong",
    ["libs/chassis/bsu.py", "bsu.py", "gate/pfd", "services/*/wbe/i18n", "docs/x/"],
)
def test_a_wrong_path_is_found(wrong):
    """Whole or shortened, a file or a folder, with or without a star."""
    assert [p for p in named_paths(f"see `{wrong}`.") if not is_there(p)]


@pytest.mark.parametrize("wrong", ["docs/x.md", "README.md#nowhere", "#nowhere"])
def test_a_wrong_link_is_found(wrong):
    assert list(broken_links("CONTRIBUTING.md", f"see [it]({wrong})")) == [wrong]


@pytest.mark.parametrize(
    "right",
    ["libs/chassis/bus.py", "gate/story.py", "services/*/web/i18n", "docs/events/"],
)
def test_a_right_path_is_taken(right):
    assert [is_there(path) for path in named_paths(f"`{right}`")] == [True]


def test_no_page_or_module_points_outside_the_repository():
    """Whoever reads "spec 3.1" has no such page."""
    outside = re.compile(r"\b[Ss]pec (\d|of the)|\bspec/\d")
    texts = [name for name in FILES if name.endswith((".md", ".py", ".toml", ".sh"))]
    own = str(Path(__file__).relative_to(ROOT))
    assert [
        name
        for name in texts
        if name != own and outside.search((ROOT / name).read_text("utf-8"))
    ] == []


@pytest.mark.parametrize("page", [p for p in PAGES if p.startswith("docs/decisions/")])
def test_a_decision_says_why_what_and_at_what_price(page):
    """One shape for all: a number, the situation, what was decided, what it brings."""
    text = (ROOT / page).read_text("utf-8")
    assert text.startswith(f"# {Path(page).name[:4]} · ")
    for part in ("Context", "Decision", "Consequences"):
        assert f"\n**{part}" in text, part


def test_every_package_says_what_lives_in_it():
    """Whoever opens a folder reads first what is in it and where to start."""
    heads = [
        name
        for name in FILES
        if name.startswith(("libs/", "services/", "deploy/"))
        and name.endswith("/__init__.py")
    ]
    assert len(heads) > 30
    texts = {name: (ROOT / name).read_text("utf-8") for name in heads}
    assert [
        n for n, text in texts.items() if not ast.get_docstring(ast.parse(text))
    ] == []


def test_every_decision_that_code_names_exists():
    """A comment that says "decision 0042" leads to a page."""
    numbers = {name[15:19] for name in PAGES if name.startswith("docs/decisions/")}
    named = re.compile(r"\bdecisions?[ /](0\d{3})\b")
    assert "0042" in numbers
    assert {
        (name, number)
        for name in FILES
        if name.endswith((".py", ".toml", ".md"))
        for number in named.findall((ROOT / name).read_text("utf-8"))
        if number not in numbers
    } == set()


def test_every_test_that_a_page_names_exists():
    """A page that promises "this test fails until you are done" names a test."""
    tests = "\n".join(
        (ROOT / name).read_text("utf-8")
        for name in FILES
        if name.startswith("tests/") and name.endswith(".py")
    )
    there = set(re.findall(r"def (test_\w+)", tests)) | {Path(n).stem for n in FILES}
    named = re.compile(r"`(test_\w+)`")
    assert "test_every_route_has_its_row" in there
    assert {
        (page, test)
        for page in PAGES
        for test in named.findall((ROOT / page).read_text("utf-8"))
        if test not in there
    } == set()
