"""What ``make mutants`` changes, and what it leaves alone."""

from pathlib import Path

from mutants.changes import GATE, changes_of
from mutants.selection import Usual, chosen_tests

TEXT = '''
import os
from typing import TypeAlias

LIMIT = 5
Names: TypeAlias = dict[str, int]


@dataclass(frozen=True)
class Store:
    def put(self, at: int | None) -> None:
        """One step after another."""
        if at > LIMIT:
            raise ValueError("this is too far away")
        os.fsync(at)
        log.info("stored", at=at)
'''


def made(text=TEXT, path=Path("libs/chassis/some.py")):
    return changes_of(path, text)


def test_steps_checks_tables_and_numbers_are_changed():
    """Two operators are ours, and what stands outside functions is changed too."""
    changes = {(one.was, one.now) for one in made()}
    assert ("os.fsync(at)", "pass") in changes
    assert ("LIMIT = 5", "LIMIT = None") in changes
    assert ("> LIMIT", ">= LIMIT") in changes
    assert any(now.startswith("if False: raise") for _, now in changes)


def test_what_nobody_could_tell_is_left_alone():
    """Log entries, sentences of errors, decorators, types, docstrings."""
    touched = {one.line: TEXT.splitlines()[one.line - 1] for one in made()}
    for left_alone in ("log.info", "too far", "frozen", "TypeAlias", "One step"):
        assert not any(left_alone in line for line in touched.values()), left_alone


def test_reasons_of_the_gate_go_to_the_log():
    """Its text is a reason there, and facts of a file are bytes."""
    text = 'require(x[0] == b"/Type", "page-tree", x)\n'
    changes = {(one.was, one.now) for one in made(text, GATE / "some.py")}
    assert ('b"/Type"', 'b"XX/TypeXX"') in changes
    assert not any(was == '"page-tree"' for was, _ in changes)
    assert not any(now.endswith('"page-tree", None)') for _, now in changes)
    assert any(was == '"page-tree"' for was, _ in {(c.was, c.now) for c in made(text)})


def test_each_change_is_one_and_can_be_read():
    """The new text is Python, and differs from the old in what the change says."""
    for one in made():
        text = one.changed_text()
        compile(text, "changed", "exec")
        assert text != TEXT


def test_a_change_is_shown_to_the_tests_that_ran_its_statement():
    """The quick file first; all of both where the statement ran at the import."""
    (step,) = (one for one in made() if one.now == "pass")
    (limit,) = (one for one in made() if one.now == "LIMIT = None")
    path = str(step.path)
    slow = Usual(
        "slow.py",
        took=90,
        lines={path: {str(step.line): ["slow.py::b", "slow.py::c"]}},
        seconds={"slow.py::a": 40, "slow.py::b": 20, "slow.py::c": 30},
    )
    quick = Usual(
        "quick.py",
        took=2,
        lines={path: {str(step.line): ["quick.py::a"], str(limit.line): [""]}},
        seconds={"quick.py::a": 1},
    )
    choice = chosen_tests(step, [slow, quick])
    assert choice.tests == ["quick.py::a", "slow.py::b", "slow.py::c"]
    assert (choice.seconds, choice.longest) == (30 + 5 * 51, 30 + 5 * 40)
    choice = chosen_tests(limit, [slow, quick])
    assert choice.tests == ["slow.py", "quick.py"]
    assert choice.seconds == 30 + 5 * 92
