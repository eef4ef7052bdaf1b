"""What people read stands in the catalogues: Python has reasons and values."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

from storage.app import refusals
from storage.web import load_pages

STORAGE = Path(refusals.__file__).parents[1]
PAGES = load_pages(demo=False, office=None)
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def calls(folder, name):
    """Every call of a function or method of this name."""
    for path in sorted((STORAGE / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and _name(node.func) == name:
                yield node


def _name(node):
    return getattr(node, "attr", "") or getattr(node, "id", "")


def constants(nodes):
    return {
        node.value
        for node in nodes
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def slugs_of_problems():
    arguments = [call.args[1] for call in calls("app", "problem") if len(call.args) > 1]
    arguments += [call.args[2] for call in calls("app", "_again")]
    arguments += [
        call.args[2] for call in calls("app", "partial") if len(call.args) > 2
    ]
    return constants(arguments)


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_every_no_to_a_program_has_its_title(lang):
    """Each slug that the face says has a title in both languages, and no title is for
    a slug that nobody says.
    """
    slugs = slugs_of_problems()
    assert {"too-often", "busy", "not-archived", "no-form", "500"} <= slugs
    for slug in slugs:
        assert PAGES.text(f"problem.{slug}", lang=lang)
    titles = {k for k in PAGES.words[lang].messages if k.startswith("problem.")}
    assert titles == {f"problem.{slug}" for slug in slugs}


def test_what_halts_a_copy_is_a_reason_and_a_slug():
    """The desk has the words: a refusal's cause is a slug, a digest or a key, never a
    sentence. The gate's own slugs are shown to the operator as they are.
    """
    halts = [*calls("adapters", "Refusal"), *calls(".", "Refusal")]
    assert halts
    details = constants([call.args[1] for call in halts if len(call.args) > 1])
    assert details == {"not-this-entrys-object", "length-differs", "copy-missing"}
    for lang in ("vi", "en"):
        desk = STORAGE.parent / "intake" / "web" / "i18n" / f"{lang}.toml"
        assert details <= tomllib.loads(desk.read_text("utf-8"))["cause"].keys()
    reasons = constants([call.args[0] for call in calls("domain", "refuse")])
    reasons |= constants(
        [call.args[1] for call in calls("domain", "require") if len(call.args) > 1]
    )
    assert len(reasons) > 50
    assert [reason for reason in reasons if not SLUG.fullmatch(reason)] == []
