"""A refusal of signing carries a slug and values; the desk's catalogues have words."""

import ast
import re
import string
import tomllib
from pathlib import Path

import pytest

from ecopy.refusals import Reason, Refusal, cause_of

SERVICES = Path(__file__).parents[3] / "services"
SIGNING = SERVICES / "signing"
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
VIETNAMESE = re.compile(
    r"[àáảãạăâđèéêìíĩỉịòóôơùúưỳýăắằẵặẳấầẩẫậếềểễệốồổỗộớờởỡợứừửữự]", re.IGNORECASE
)
CAUSE_AT = {
    "Refusal": 1,
    "ClosedKey": 2,
    "UnusableAppearanceError": 0,
    "_not_pinned": 1,
    "_not_shown": 1,
}
"""Which argument of a call is the slug."""
STORAGES = {
    "not-this-entrys-object",
    "length-differs",
    "copy-missing",
    "replaced",
}
"""Causes of the archive's halts, which tests/unit/storage holds to the catalogues."""
WORDS_OF_THEIR_OWN = {
    "domain/clause.py",  # the document's
    "adapters/journal/report.py",  # an operator's, in both languages
    "adapters/keys/entries.py",  # CannotStart, in both languages
    "console.py",  # CannotStart
    "domain/retention.py",  # an operator's, in both languages
    "wiring/pinning.py",  # CannotStart, in both languages
}
"""Modules with words for people, and whose words those are."""


MODULES = {str(path.relative_to(SIGNING)): path for path in SIGNING.rglob("*.py")}


def tree_of(name):
    return ast.parse(MODULES[name].read_text("utf-8"))


def causes():
    """Slug → where it is raised."""
    found = {}
    for name in MODULES:
        nodes = ast.walk(tree_of(name))
        for call in (node for node in nodes if isinstance(node, ast.Call)):
            at = CAUSE_AT.get(getattr(call.func, "id", ""))
            if at is None or len(call.args) <= at:
                continue
            if isinstance(call.args[at], ast.Constant):
                found[call.args[at].value] = f"{name}:{call.lineno}"
    return found


def catalogue(lang):
    path = SERVICES / "intake" / "web" / "i18n" / f"{lang}.toml"
    return tomllib.loads(path.read_text("utf-8"))["cause"]


def named(message):
    return {name for _, name, _, _ in string.Formatter().parse(message) if name}


def test_every_cause_has_its_sentence_in_both_languages():
    """None without words, and no words for a cause that nobody raises."""
    raised = causes()
    assert all(SLUG.fullmatch(slug) for slug in raised), raised
    assert set(catalogue("vi")) == set(catalogue("en"))
    assert set(raised) == set(catalogue("vi")) - STORAGES
    for slug, sentence in catalogue("vi").items():
        assert named(sentence) == named(catalogue("en")[slug]), slug


@pytest.mark.parametrize("name", sorted(MODULES))
def test_no_sentence_for_people_is_left_in_the_code(name):
    """Vietnamese stands in a string only where the words are the service's own."""
    tree = tree_of(name)
    documents = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    quiet = {
        ast.get_docstring(n, clean=False)
        for n in ast.walk(tree)
        if isinstance(n, documents)
    }
    sentences = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and node.value not in quiet
        and VIETNAMESE.search(node.value)
    ]
    assert sentences == [] or name in WORDS_OF_THEIR_OWN


def test_a_detail_tells_cause_and_values_apart():
    """Back and forth; the sentences of earlier versions' events stay as they were."""
    refusal = Refusal(Reason.KEY_LOCKED, "pin-refused", key="Hạ", file="pin.txt")
    assert refusal.detail == '{"cause": "pin-refused", "key": "Hạ", "file": "pin.txt"}'
    assert cause_of(refusal.detail) == ("pin-refused", {"key": "Hạ", "file": "pin.txt"})
    for detail in ("digest-differs", "officer: mã PIN đã bị từ chối", "[1]", ""):
        assert cause_of(detail) == (detail, {})
