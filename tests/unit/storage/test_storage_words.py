"""Words of the public face."""

from pathlib import Path

import pytest

from storage.domain.findings import Finding
from storage.domain.verdict import VerdictCode
from storage.web import load_pages
from storage.web.speaking import grouped, other_address, spoken_agency, spoken_title

PAGES = load_pages(demo=False, office=None)
VOCABULARY = Path(__file__).parents[3] / "docs" / "vocabulary.md"


def test_both_languages_say_the_same_things():
    """Every text exists in Vietnamese and in English."""
    assert PAGES.words["vi"].messages.keys() == PAGES.words["en"].messages.keys()


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_each_finding_and_verdict_has_its_words(lang):
    """Whatever the verifier finds, the page has a sentence and what to do."""
    for finding in Finding:
        for part in ("short", "say", "do"):
            assert PAGES.text(f"finding.{finding.value}.{part}", lang=lang)
    for code in VerdictCode:
        assert PAGES.text(f"verdict.{code.value}.title", lang=lang)


def test_no_word_of_the_code_page_says_genuine():
    """A code proves no file: its page never uses that verdict's words."""
    for lang in ("vi", "en"):
        messages = PAGES.words[lang].messages
        sentences = [str(v) for k, v in messages.items() if k.startswith("code.")]
        assert sentences
        title = PAGES.text("verdict.genuine.title", lang=lang)
        assert not [text for text in sentences if title.lower() in text.lower()]


def test_the_vocabulary_names_verdicts_as_the_pages_do():
    """docs/vocabulary.md: one thing has one word, there and on the pages."""
    lines = VOCABULARY.read_text("utf-8").splitlines()
    rows = (line.split("|") for line in lines if line.startswith("| `"))
    words = {row[1].strip(" `"): row[3].strip() for row in rows}
    for code in VerdictCode:
        title = PAGES.text(f"verdict.{code.value}.title", lang="vi")
        assert words[code.value] in title.lower()
    assert words["listed"] in PAGES.text("code.listed.title", lang="vi").lower()
    assert words["code"] == PAGES.text("facts.code", lang="vi").lower()


@pytest.mark.parametrize(
    ("lines", "spoken"),
    [
        (("ỦY BAN NHÂN DÂN", "PHƯỜNG HOA BAN"), "UBND phường Hoa Ban"),
        (("UBND PHƯỜNG HOA BAN",), "UBND phường Hoa Ban"),
        (("UBND phường Hoa Ban",), "UBND phường Hoa Ban"),
        (("Phòng công chứng số 1",), "Phòng công chứng số 1"),
    ],
)
def test_agencies_are_named_as_people_say_them(lines, spoken):
    """Capitals of the letterhead become the name that people use."""
    assert spoken_agency(lines) == spoken


def test_titles_are_named_as_people_say_them():
    """The office is the last line; what it is held for stands before."""
    assert spoken_title(("KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH")) == "Phó Chủ tịch"
    assert spoken_title(("CHỦ TỊCH",)) == "Chủ tịch"
    assert spoken_title(("Phó Chủ tịch",)) == "Phó Chủ tịch"
    assert spoken_title(()) == ""


def test_digests_are_grouped_for_the_eye():
    """Eight characters, a space."""
    assert grouped("a" * 8 + "b" * 8) == "aaaaaaaa bbbbbbbb"


def test_the_other_language_is_an_address():
    """The switch is a link: no cookie."""
    assert other_address("/kiem-tra", "vi") == "/verify"
    assert other_address("/verify", "en") == "/kiem-tra"
    assert other_address("/so-lieu", "vi") == "/figures"
    assert other_address("/figures", "en") == "/so-lieu"
    assert other_address("/k/X", "vi") == "?lang=en"
    assert other_address("/k/X", "en") == "?lang=vi"
