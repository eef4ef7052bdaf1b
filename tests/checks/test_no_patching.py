"""A test never replaces a part of our own code: what it changes is a parameter, a
setting or a port. What is replaced behind the back of the code runs in no office.
"""

import ast
import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

OURS = {"ecopy", "chassis", "strangers", "intake", "signing", "storage", "onebox"}
TESTS = Path(__file__).parents[1]
SETTERS = {"setattr", "delattr", "setitem", "delitem", "patch", "object", "dict"}
"""What ``pytest.MonkeyPatch`` and ``unittest.mock`` call it, and the built-ins."""


def is_ours(dotted: str) -> bool:
    return dotted.split(".", maxsplit=1)[0] in OURS


def imported(tree: ast.AST) -> set[str]:
    """Names under which the file has our modules, classes and values."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            own = [alias for alias in node.names if is_ours(alias.name)]
            names |= {(a.asname or a.name).split(".")[0] for a in own}
        if isinstance(node, ast.ImportFrom) and is_ours(node.module or ""):
            names |= {alias.asname or alias.name for alias in node.names}
    return names


def root(node: ast.AST) -> str | None:
    """The name in front of all dots and brackets."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None


def assigned(node: ast.AST) -> list[ast.AST]:
    """Attributes and items that a statement sets or deletes."""
    is_set = isinstance(getattr(node, "ctx", None), ast.Store | ast.Del)
    return [node] if is_set and not isinstance(node, ast.Name) else []


def replaced(node: ast.AST) -> list[ast.AST]:
    """The first argument of a call that sets an attribute or an item."""
    if not isinstance(node, ast.Call) or not node.args:
        return []
    called = node.func
    name = called.attr if isinstance(called, ast.Attribute) else root(called)
    return node.args[:1] if name in SETTERS else []


def text(node: ast.AST) -> str:
    """A string of the file; what is put into it later is a name here."""
    if isinstance(node, ast.JoinedStr):
        return "".join(text(part) or "later" for part in node.values)
    return str(node.value) if isinstance(node, ast.Constant) else ""


def programs(tree: ast.AST) -> Iterator[tuple[int, ast.AST]]:
    """The file itself, and each program in a string of it, with the line of its own."""
    yield 0, tree
    for node in ast.walk(tree):
        if "import " in text(node):
            with contextlib.suppress(SyntaxError):
                yield node.lineno, ast.parse(text(node))


def patches(source: str) -> Iterator[int]:
    """Numbers of the lines that change our code."""
    for line, program in programs(ast.parse(source)):
        yield from (line or changed for changed in changes(program))


def changes(tree: ast.AST) -> Iterator[int]:
    names = imported(tree)
    for node in ast.walk(tree):
        for target in assigned(node) + replaced(node):
            if root(target) in names or is_ours(text(target)):
                yield target.lineno


def test_no_test_replaces_our_own_code():
    """Whoever needs another value passes it in."""
    found = [
        f"{file.relative_to(TESTS)}:{line}"
        for file in sorted(TESTS.rglob("*.py"))
        for line in patches(file.read_text("utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize(
    "line",
    [
        "monkeypatch.setattr(outbox, 'WINDOW', 1)",
        "monkeypatch.setattr(outbox.Relay, 'drain', None)",
        "monkeypatch.setattr(outbox.asyncio, 'sleep', None)",
        "monkeypatch.setattr('chassis.outbox.WINDOW', 1)",
        "monkeypatch.delattr(outbox, 'WINDOW')",
        "monkeypatch.setitem(outbox.TABLE, 'a', 1)",
        "mock.patch('chassis.outbox.add')",
        "patch.object(outbox, 'add')",
        "setattr(outbox, 'WINDOW', 1)",
        "outbox.WINDOW = 1",
        "outbox.Relay.drain, other = None, 1",
        "outbox.WINDOW += 1",
        "outbox.TABLE['a'] = 1",
        "del outbox.WINDOW",
    ],
)
def test_each_way_of_replacing_is_seen(line):
    """By the module, a class, a name in a string, and what our module has imported."""
    assert list(patches(f"from chassis import outbox\n{line}\n")) == [2]


def test_a_program_in_a_string_is_read_too():
    """It runs in a process of its own, and would be patched all the same."""
    whole = 'A = """\nfrom chassis import outbox as o\no.WINDOW = 1\n"""'
    later = 'A = f"from chassis import outbox\\noutbox.WINDOW = {1}\\n"'
    assert list(patches(whole)) == [1]
    assert list(patches(later)) == [1]


@pytest.mark.parametrize(
    "line",
    [
        "monkeypatch.setattr(os, 'fsync', None)",
        "monkeypatch.setattr('sys.stdout', None)",
        "message.deaf = True",
        "replace(outbox.LETTER, position=1)",
        "outbox = 1",
    ],
)
def test_what_is_not_ours_may_fail_as_the_world_does(line):
    """A disk that is full, a terminal that is gone; and a test's own objects."""
    assert list(patches(f"from chassis import outbox\n{line}\n")) == []
