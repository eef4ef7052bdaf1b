"""Three reckonings compared: each thing that can be wrong is planted once and named,
with its number and in both languages; a sound house has no finding.
"""

import argparse
import json
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from string import Formatter

import pytest

import ecopy
from ecopy.reckoning import (
    CatalogueLine,
    Counter,
    Discrepancy,
    JournalLine,
    LinkReckoning,
    LostRange,
    Reckoning,
    RegisterReckoning,
    StoredObject,
)
from onebox import reconcile
from onebox.reckoned import LATE, ON_ITS_WAY, Readings, compared, repairable
from onebox.reconcile_words import sentence, words
from support import build

BOOK = "H99.42.05.13/E/2026"
NOW = build.NOON
LONG_AGO = NOW - timedelta(days=1)
ROOT = Path(ecopy.__file__).parents[2]


def entry(ordinal):
    return f"{BOOK}/{ordinal}"


def digest(ordinal, which="copy"):
    return build.digest(f"{which} {ordinal}".encode())


def given(ordinal, state="issued", since=LONG_AGO, **said):
    return RegisterReckoning(entry=entry(ordinal), state=state, since=since, **said)


def sealed(ordinal, copy="copy"):
    copies = (digest(ordinal, copy),) if copy else ()
    return JournalLine(
        entry=entry(ordinal), copy_sha256=copies[0] if copies else None, made=copies
    )


def archived(ordinal, at=LONG_AGO, copy="copy"):
    return CatalogueLine(
        entry=entry(ordinal), ordered=True, sha256=digest(ordinal, copy), archived_at=at
    )


def lying(ordinal, copy="copy"):
    return StoredObject(key=f"{entry(ordinal)}/{digest(ordinal, copy)}.pdf", size=9)


def house(**changes):
    """Issued 1; sealed 2, on its way to the archive; 3 just ordered; 4 void; 5 lost."""
    says = {
        "register_lines": (
            given(1),
            given(2, "signed", NOW),
            given(3, "registered", NOW),
            given(4, "void"),
        ),
        "lost": (LostRange(book=BOOK, first=5, last=5),),
        "catalogue": (
            archived(1),
            CatalogueLine(entry=entry(3), ordered=True),
            CatalogueLine(entry=entry(5), ordered=True),
        ),
        "journal": (sealed(1), sealed(2), sealed(5, "")),
        "objects": (lying(2),),
    } | changes
    intake = Reckoning(
        service="intake",
        at=NOW,
        register_lines=says["register_lines"],
        lost=says["lost"],
    )
    storage = Reckoning(service="storage", at=NOW, catalogue=says["catalogue"])
    signing = Reckoning(
        service="signing", at=NOW, journal=says["journal"], objects=says["objects"]
    )
    return Readings(intake, storage, signing, intake)


def found(read):
    return {(f.counter, f.kind, f.entry) for f in compared(read).findings}


def test_a_sound_house_has_no_finding():
    """Each number is in one place, whatever is on its way."""
    sound = compared(house())
    assert sound.findings == ()
    assert (sound.issued, sound.void, sound.lost) == (1, 1, 1)
    assert [line.entry for line in sound.in_work] == [entry(2), entry(3)]


FIRST = LinkReckoning(generation=1, since=LONG_AGO)


PLAIN = LinkReckoning(generation=1)


def linked(desk, storage=PLAIN):
    """Number 1 with the link that each of them believes in."""
    here, there = given(1, link=desk), archived(1).model_copy(update={"link": storage})
    return {"register_lines": (here,), "catalogue": (there,)}


def test_a_link_whose_news_is_under_way_is_no_finding():
    """Renewed or closed a moment ago; nor is a service of before that says nothing."""
    just = {"generation": 2, "closed": True, "asks": True, "since": NOW}
    assert found(house(**ALONE | linked(LinkReckoning(**just)))) == set()
    assert found(house(**ALONE | linked(FIRST))) == set()
    assert found(house(**ALONE | linked(None))) == set()
    assert found(house(**ALONE | linked(FIRST, None))) == set()


PLANTED = {
    "not-archived": {"catalogue": ()},
    "void-and-archived": {
        "register_lines": (given(1, "void"),),
        "catalogue": (archived(1),),
    },
    "not-issued": {
        "register_lines": (given(1, "signed", NOW),),
        "catalogue": (archived(1, NOW - ON_ITS_WAY - timedelta(seconds=1)),),
    },
    "key-without-journal": {
        "journal": (JournalLine(entry=entry(1), copy_sha256=None),)
    },
    "other-copy-sealed": {
        "journal": (
            JournalLine(
                entry=entry(1),
                copy_sha256=digest(1, "other"),
                made=(digest(1), digest(1, "other")),
            ),
        )
    },
    "not-in-register": {
        "register_lines": (),
        "catalogue": (CatalogueLine(entry=entry(1), ordered=True),),
        "journal": (),
    },
    "link-lost": linked(LinkReckoning(generation=2, since=LONG_AGO)),
    "link-newer": linked(FIRST, LinkReckoning(generation=2)),
    "link-open": linked(LinkReckoning(generation=1, closed=True, since=LONG_AGO)),
    "link-unasked": linked(LinkReckoning(generation=1, asks=True, since=LONG_AGO)),
    "copy-without-journal": {"objects": (lying(1, "strange"),)},
    "copy-lost": {"register_lines": (given(1, "signed", NOW),), "catalogue": ()},
    "stands-still": {
        "register_lines": (given(1, "registered", NOW - LATE - timedelta(seconds=1)),),
        "catalogue": (),
        "journal": (),
    },
}
"""What differs from a house in which number 1 alone was given, sealed and archived."""
ALONE = {
    "register_lines": (given(1),),
    "lost": (),
    "catalogue": (archived(1),),
    "journal": (sealed(1),),
    "objects": (),
}


@pytest.mark.parametrize("kind", PLANTED)
def test_what_was_planted_is_named_with_its_number(kind):
    """That one thing, and what follows from it, under its own counter."""
    assert found(house(**ALONE)) == set()
    counter = Counter.GAP if kind == "not-in-register" else Counter.MISMATCH
    assert (counter, kind, entry(1)) in found(house(**ALONE | PLANTED[kind]))


@pytest.mark.parametrize(
    "changes",
    [
        {
            "register_lines": (given(1, "signed", NOW),),
            "catalogue": (archived(1, NOW),),
        },
        {
            "register_lines": (
                given(1, "registered", LONG_AGO, reason="key-locked", stage="signing"),
            ),
            "catalogue": (),
            "journal": (),
        },
        {
            "register_lines": (given(1, "registered", LONG_AGO, next_try_at=NOW),),
            "catalogue": (),
            "journal": (),
        },
        {
            "journal": (
                JournalLine(
                    entry=entry(1),
                    copy_sha256=digest(1),
                    made=(digest(1, "withdrawn"), digest(1)),
                ),
            )
        },
    ],
    ids=["archived just now", "halted", "tried again", "renewed"],
)
def test_what_is_under_way_or_explained_is_no_finding(changes):
    """News on its way, a person who must act, a next try, a copy that replaced one."""
    assert found(house(**ALONE | changes)) == set()


def test_each_services_own_findings_are_among_them():
    """In the order of the services, before those between two of them."""
    own = Discrepancy(counter=Counter.GAP, kind="hole", entry=entry(9))
    read = house(**ALONE)
    read = replace(read, after=read.after.model_copy(update={"findings": (own,)}))
    assert compared(read).findings == (own,)


def test_only_what_a_repeated_order_mends_is_announced_again():
    """Each entry once."""
    read = house(**ALONE | PLANTED["stands-still"])
    assert repairable(compared(read)) == (entry(1),)
    assert repairable(compared(house(**ALONE | PLANTED["not-archived"]))) == ()


def kinds_in_the_code():
    """Whatever a finding is made with, in the services and in the comparison."""
    places = (
        "services/intake/adapters/sql/counting.py",
        "services/signing/adapters/journal/counting.py",
        "services/storage/adapters/counting.py",
        "deploy/onebox/reckoned.py",
        "deploy/onebox/reckoned_links.py",
    )
    source = "".join((ROOT / place).read_text("utf-8") for place in places)
    made = r'(?:_finding\(\s*Counter\.\w+,|_mismatch\(|kind, named =)\s*"([a-z-]+)"'
    return set(re.findall(made, source))


def test_every_finding_has_its_sentence_in_both_languages():
    """With the number in it, and nothing that no finding has; and no sentence is left
    over.
    """
    assert set(words()) == kinds_in_the_code()
    for said in words().values():
        assert set(said) == {"vi", "en"}
        for text in said.values():
            names = {name for _, name, _, _ in Formatter().parse(text) if name}
            assert names & {"entry", "detail"}
            assert names <= {"entry", "detail"}


def test_a_newer_services_finding_is_said_as_it_is():
    """An older ecopy command beside a newer service names the number all the same."""
    unheard = Discrepancy(
        counter=Counter.GAP, kind="new-kind", entry=entry(7), detail="x"
    )
    assert sentence(unheard) == (
        f"Số {entry(7)}: new-kind x",
        f"Number {entry(7)}: new-kind x",
    )


def from_files(folder, read, **options):
    for name in ("intake", "storage", "signing"):
        said = read.after if name == "intake" else getattr(read, name)
        # What a service logs stands before it.
        text = f'{{"event": "a line of its log"}}\n{said.model_dump_json()}\n'
        (folder / f"{name}.json").write_text(text, "utf-8")
    options = {
        "folder": folder,
        "json": False,
        "deep": False,
        "repair": False,
    } | options
    return reconcile.reconcile(argparse.Namespace(**options))


def test_the_command_compares_what_three_machines_have_printed(tmp_path, capsys):
    """Exit status and words for a person, and figures for a program."""
    assert from_files(tmp_path, house(**ALONE)) == 0
    said = capsys.readouterr().out
    assert "✗" not in said
    assert "1 số: 1 đã cấp, 0 đang làm, 0 hủy" in said
    wrong = house(**ALONE | PLANTED["stands-still"])
    assert from_files(tmp_path, wrong) == 1
    said = capsys.readouterr().out
    assert f"✗ Số {entry(1)} đứng yên 15 phút" in said
    assert f"Number {entry(1)} has stood still for 15 minutes" in said
    assert "… H99.42.05.13/E/2026/1: registered, từ · since" in said
    assert from_files(tmp_path, wrong, json=True) == 1
    figures = json.loads(capsys.readouterr().out)
    assert (figures["gap"], figures["double"], figures["mismatch"]) == (0, 0, 1)
    assert figures["findings"][0]["kind"] == "stands-still"
    assert figures["in_work"][0]["entry"] == entry(1)


@pytest.mark.parametrize("text", [None, "", "{}", '{"service": "storage", "at": 1}'])
def test_books_that_cannot_be_read_are_not_sound(tmp_path, capsys, text):
    """Exit status 3, and which service's they are."""
    assert from_files(tmp_path, house(**ALONE)) == 0
    if text is None:
        (tmp_path / "signing.json").unlink()
    else:
        (tmp_path / "signing.json").write_text(text)
    options = {"folder": tmp_path, "json": False, "deep": False, "repair": False}
    assert reconcile.reconcile(argparse.Namespace(**options)) == 3
    assert "signing" in capsys.readouterr().err
