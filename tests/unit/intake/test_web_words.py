"""Every word stands in both catalogues, is used, and exists where it is used."""

import ast
import re
from functools import cache
from pathlib import Path
from string import Formatter
from typing import get_args

import pytest
from jinja2 import Environment, nodes

import intake
from chassis.web import LANGUAGES, SHARED
from ecopy.refusals import Hindrance, Reason
from intake.app.pages import NOTICES
from intake.domain import (
    arrivals,
    board_filters,
    boards,
    delegations,
    desk_ends,
    differing,
    extending,
    intake_form,
    office_tables,
    own_tables,
    programs,
    states,
    table_rows,
    waiting,
)
from intake.domain.arranging import StepKind
from intake.domain.certifications import Way
from intake.domain.figures import STEPS as STEPS_MEASURED
from intake.domain.handouts.fields import OF_A_CASE, Handout
from intake.domain.link_records import ClosingGround, RenewalGround
from intake.domain.objections import Wrong
from intake.domain.page_texts import Why
from intake.domain.people import Role
from intake.domain.proposing import FIELDS, Sure
from intake.domain.scan import Flag, ScanFault
from intake.domain.states import State
from intake.domain.switches import Switch
from intake.domain.views import system
from intake.usecases.measuring import PLOTS
from intake.web import create_renderer
from strangers import facts

SERVICE = Path(intake.__file__).parent
PAGES = create_renderer().pages
BLOCKERS = states.short_of_submission(
    files_busy=1, pages=2, declared=1, compared=False
) + states.short_of_submission(files_busy=0, pages=0, declared=1, compared=True)
ACTS = set(get_args(waiting.Act))
NAMED = {*waiting.CLERKS, "mend", "certify"}
PRESSED = ACTS - {"machine", "close", "link", "none"}
"""Acts that have a button on the board."""
STEPS = {
    *("received", "document-added", "file-received", "file-refused", "file-removed"),
    *("compared", "submitted", "approved", "refused", "held", "returned"),
    *("seal-released", "seal-withheld"),
    *("ordered-again", "sealed", "issued", "delayed", "halted"),
    *("renewed", "voiding", "void", "issued-after-all", "other-copy", "described"),
    *("corrected", "notaccepted", "leftback"),
    *("supplement-asked", "supplement-brought", "clock-restarted"),
    *("extended", "agreement-attached"),
    *(f"pages-{kind}" for kind in get_args(StepKind)),
    *("step-undone", "step-redone", "scans-removed", "register-noted"),
    *(f"printed-{handout}" for handout in OF_A_CASE),
    *(f"{done}-{way}" for done in ("handed", "mistaken") for way in Way),
    *("link-renewed", "link-closed", "link-opened", "link-fetched"),
}
SAID = {
    *(
        "received",
        "received-with",
        "received-without",
        "added",
        "removed",
        "compared",
        "submitted",
    ),
    *("approved", "approved-before", "refused", "held", "returned", "ordered-again"),
    *("switched", "seal-released", "seal-released-some", "seal-withheld"),
    *("view-saved", "view-removed"),
    *("voiding", "void", "split", "merged", "described"),
    *("corrected", "corrected-nothing"),
    *("ended-take-back", "ended-not-accept"),
    *("supplement-asked", "supplement-some", "supplement-brought"),
    *("extended", "agreement-attached"),
    *("letter-replayed", "letter-dismissed"),
    *("assigned", "assigned-several", "given-back", "set-aside"),
    *("period-closed", "noted", "template-issued", "handed", "handed-mistake"),
    *("days-changed", "year-entered", "hour-changed"),
    *("delegated", "delegation-revoked", "fee-issued", "program-revoked"),
    *("row-entered", "row-taken-back"),
    *(f"account-{act}" for act in ("changed", "locked", "unlocked", "signed-out")),
    *("link-renewed", "link-closed"),
}
FAULTS = {
    *("field", "field-near", "directive", "directive-near", "brace", "bold", "list"),
    *("no-list", "pair", "no-words", "size", "missing", "foreign-table", "twice"),
    "too-long",
}
PARTS = {"bus", "relay", "database", "numbers", "letters", "scanners"}
STUCK = {*Hindrance, *Reason, "other", "seal-withheld"}

KEY = re.compile(r"error\.(?!html)[a-z0-9_-]+")

FAMILIES: dict[str, set[str]] = {
    "state.*": {*State, "unsigned"},
    "role.*": set(Role),
    "role-may.*": set(Role),
    "office.*": {
        *("accounts", "calendar", "delegations", "fees", "programs", "templates"),
        "switches",
        *office_tables.TABLES,
    },
    "program-state.*": set(get_args(programs.ProgramStanding)),
    "scope.*": set(programs.Scope),
    "scope-may.*": set(programs.Scope),
    "delegation-state.*": set(get_args(delegations.Standing)),
    **{
        f"switch.*.{part}": set(Switch)
        for part in ("title", "on", "off", "turn-on", "turn-off")
    },
    "fee-state.*": {"now", "later", "before", "taken-back"},
    "day-kind.*": set(get_args(own_tables.Kind)),
    "weekday.*": set("2345678"),
    "weekday-short.*": set("2345678"),
    "extension.*": {
        ground
        for rule in extending.parse(
            (SERVICE / "tables" / "extensions.toml").read_text("utf-8")
        )
        for ground in rule.grounds
    },
    "kept.*": {"session", "stale", "used", "conflict"},
    "differs.*": {*differing.PAPER, *differing.CASE},
    "channel.*": set(intake_form.CHANNELS),
    "id-kind.*": set(intake_form.ID_KINDS),
    "originals-back.*": set(intake_form.ORIGINALS_BACK),
    "table.*.title": set(office_tables.TABLES),
    "table.*.rule": set(office_tables.TABLES),
    "table.*.key": set(office_tables.TABLES),
    "row.*": {
        f"{table.slug}.{key}"
        for table in office_tables.TABLES.values()
        for key in table.keys
    },
    "column.*": {
        f"{table.slug}.{column.name}{choice}"
        for table in office_tables.TABLES.values()
        for column in table.columns
        for choice in ("", *(f"-{choice}" for choice in column.choices))
    },
    "row-state.*": set(get_args(table_rows.Standing)),
    "file.*.what": set(ScanFault),
    "file.*.next": set(ScanFault),
    "upload.*": {"pause", "go", "cancel", "retry", "drop"},
    "desk-steps.trim-*": {"left", "top", "right", "low"},
    "flag.*": set(get_args(Flag)),
    "wrong.*": set(Wrong),
    "flag-says.*_html": set(get_args(Flag)),
    "waits.*": ACTS | {f"{act}-me" for act in NAMED} | {"certify-any"},
    "act.*": PRESSED,
    "blocker.*": set(BLOCKERS),
    "stuck.*.what": STUCK,
    "stuck.*.next": STUCK,
    # what another service raises: tests/unit/signing/test_signing_causes.py
    "cause.*": {
        key.removeprefix("cause.")
        for key in PAGES.words["vi"].messages
        if key.startswith("cause.")
    },
    "step.*": STEPS,
    "desk-steps.did.*": set(get_args(StepKind)),
    "reading.field.*": set(FIELDS),
    "reading.sure.*": set(get_args(Sure)),
    "reading.failed.*": set(get_args(Why)) - {""},
    "nav.*": {
        *("wall", "seal", "board", "case-new", "inbox", "register"),
        *("overview", "office", "system"),
    },
    "overview.step.*": set(STEPS_MEASURED),
    "overview.pane.*": set(PLOTS),
    "overview.star.*": set("12345"),
    "overview.col.*": {
        *("first", "on-time", "late", "step", "papers", "middle", "most", "person"),
        *("holds", "kind", "copies", "in-time", "sent-back", "refused"),
        *("stars", "ratings"),
    },
    "handout.*": set(Handout),
    "handing.way.*": set(Way),
    "handing.did.*": set(Way),
    "link-renewal.*": set(RenewalGround),
    "link-factor.*": {"phone", "id"},
    "link-closing.*": set(ClosingGround),
    "handout-late.*": {"desk", "awaiting", "signing"},
    "template-fault.*": FAULTS,
    "sign-in.notice.*": {*NOTICES, "kept"},
    "account.*": {"current", "new", "again"},
    "requester.*": {"person", "organisation"},
    "board.group.*": set(boards.GROUPS),
    "board.due-*": {due or "any" for due in board_filters.DUES},
    "board.order-*": {"due", "age"},
    "board.waits-*": {"any", *board_filters.WAITERS},
    "board.whose-*": {"all", "mine"},
    "board.empty.*": {"clerk", "others"},
    "wall.why-not.*": {
        *("own-case", "own-comparison", "own-scan", "no-office"),
        *("no-delegation", "out-of-scope"),
    },
    "refuse.group.*": {"law", "held", "asked"},
    "refuse.follows.*": {"law", "held", "asked"},
    "said.*": SAID,
    "system.part.*": PARTS,
    "system.tone.*": set(get_args(system.Tone)),
    "system.sees.*": {
        *("bus", "bus-away", "bus-lost", "relay", "relay-waits", "database"),
        *("letters", "letters-new", "letters-unknown"),
        "scanners",
        *(f"scanners-{slug}" for slug in get_args(arrivals.Trouble) if slug),
        *("numbers", "marks-silent", "marks-missing", "register-older"),
    },
    "system.waits.*": set(states.OPEN),
    "growing.*": {
        *("outbox", "sessions", "attempts", "form_uses", "looks", "batches"),
        *("superseded", "answers"),
        *("dead_letter_acts", "scans", "incoming", "temporary", "uploads"),
        *("arrivals", "hot_folders", "page_texts"),
    },
    "inbox.trouble.*_html": set(get_args(arrivals.Trouble)) - {""},
    "letter.standing.*": {
        *("new", "replay-asked", "replay-sent", "replay-gone", "dismiss-noted"),
    },
    "case.moving.*": {"awaiting", "late", "registered", "signed", "voiding"},
    "case.slow.*_html": {"registered", "signed", "voiding"},
    "case.after.*": {"refused", "held", "notaccepted", "leftback"},
    "end.*": set(desk_ends.MOVE),
    "end.follows.*": set(desk_ends.MOVE),
    "*.open": {"correct", "extend", "supplement", "end"},
    "register.not-yet.*": {"toseal", "registered", "signed", "voiding"},
    "register.note.*": {"void", "added"},
    # error.html: of the keys that the service raises, those with three sentences
    "*.title": set(),
    "*.what": set(),
    "*.next": set(),
    "signed.outcome.*": set(get_args(facts.Outcome)) - {"read"},
    "signed.kind.*": set(get_args(facts.Kind)),
    "signed.state.*": set(get_args(facts.State)),
    "signed.why.*": set(get_args(facts.Reason)) - {""},
    "signed.ends.*": set(get_args(facts.Ending)) - {"self-signed"},
    "signed.fits.*": {"no", "unsaid"},
    "signed.permits.*": {"1", "2", "3"},
    "*.*": set(),  # the macro ``words``: its keys are read where it is called
    # in the service's code, f"error.{…}"
    "error.*": {
        *("user", "password", "requester", "id_number", "channel", "id_kind"),
        "originals_back",
        *BLOCKERS,
        *("404",),
    },
}


def templates():
    parser = Environment(autoescape=True)
    for directory in (SERVICE / "web" / "templates", SHARED / "templates"):
        for path in sorted(directory.iterdir()):
            yield path.name, parser.parse(path.read_text("utf-8"))


def keys_of(argument):
    """The key, or its pattern with * for what is computed."""
    match argument:
        case nodes.Const():
            yield str(argument.value)
        case nodes.CondExpr():
            yield from keys_of(argument.expr1)
            if argument.expr2 is not None:
                yield from keys_of(argument.expr2)
        case nodes.Concat():
            parts = (
                part.value if isinstance(part, nodes.Const) else "*"
                for part in argument.nodes
            )
            yield "".join(map(str, parts))


@cache
def keys_in_templates():
    found: set[str] = set()
    for _, tree in templates():
        for call in tree.find_all(nodes.Call):
            if isinstance(call.node, nodes.Name) and call.node.name == "t":
                found.update(keys_of(call.args[0]))
            if isinstance(call.node, nodes.Getattr) and call.node.attr == "sentence":
                found.update(keys_of(call.args[0]))
            if isinstance(call.node, nodes.Getattr) and call.node.attr == "words":
                table, keys = call.args
                assert isinstance(keys, nodes.List)
                found.update(f"{table.value}.{key.value}" for key in keys.items)
    return found


@cache
def raised():
    """The keys of sentences in the service's own code."""
    found: set[str] = set()
    for path in sorted(SERVICE.rglob("*.py")):
        if path.parent.name == "web":
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and KEY.fullmatch(str(node.value)):
                found.add(str(node.value))
    return found


def needed():
    keys: set[str] = set()
    for key in keys_in_templates():
        values = FAMILIES[key] if "*" in key else {""}
        keys.update(key.replace("*", value) for value in values)
    said_by_python = ("error.*", "stuck.*.what", "file.*.what", "channel.*")
    for family in (*said_by_python, "handout-late.*", "overview.col.*"):
        keys.update(family.replace("*", value) for value in FAMILIES[family])
    return keys | raised() | {"inbox.note"}  # lies beside a file, on no page


def exists(key, words):
    """A sentence, or an error page's three."""
    assert hasattr(words, "messages")
    return key in words.messages or all(
        f"{key}.{part}" in words.messages for part in ("title", "what", "next")
    )


def test_both_languages_have_the_same_keys():
    """No page is half translated."""
    vietnamese, english = (set(PAGES.words[lang].messages) for lang in LANGUAGES)

    assert vietnamese == english


def test_every_computed_key_has_its_values_listed():
    """A new computed key must say here which slugs it may meet."""
    assert {key for key in keys_in_templates() if "*" in key} <= set(FAMILIES)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_key_that_is_used_exists(lang):
    """A page never fails for want of a word, nor does an error of the service."""
    words = PAGES.words[lang]

    assert sorted(key for key in needed() if not exists(key, words)) == []


def test_no_key_is_unused():
    """A word that nothing says is dropped."""
    used = needed()
    used |= {f"{key}.{part}" for key in used for part in ("title", "what", "next")}

    assert sorted(set(PAGES.words["vi"].messages) - used) == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_both_languages_fill_the_same_places(lang):
    """A translation never drops a number, a name or an hour."""

    def places(message):
        text = message if isinstance(message, str) else message["other"]  # type: ignore[index]
        return {name for _, name, _, _ in Formatter().parse(text) if name}

    differing = {
        key
        for key, message in PAGES.words[lang].messages.items()
        if places(message) != places(PAGES.words["vi"].messages[key])
    }
    assert differing == set()


@pytest.mark.parametrize(
    ("lang", "then"),
    [
        ("vi", "quá một giờ thì gọi người vận hành hệ thống"),
        ("en", "after an hour call the system operator"),
    ],
)
def test_a_wait_that_may_not_end_says_whom_to_call(lang, then):
    """A device, a store, a wrong clock or policy: none of them mends itself."""
    words = PAGES.words[lang].messages

    assert {h for h in Hindrance if then not in str(words[f"stuck.{h}.next"])} == set()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_advice_points_to_somebody_who_cannot_follow_it(lang):
    """An administrator looks after accounts; keys and limits are files and commands of
    whoever runs the system.
    """
    role = {"vi": "quản trị", "en": "administrator"}[lang]
    words = PAGES.words[lang].messages

    naming = {key for key, text in words.items() if role in str(text).casefold()}
    own = {"role", "role-may", "office", "nav", "account"}
    assert {key for key in naming if key.split(".")[0] not in own} == {
        "sign-in.forgotten",
        "error.roles-apart",
        "error.last-administrator",
        "error.no-delegation",
    }


EMPTY = (
    *("board.none-such", "board.seek-none", "board.seek-not-yet"),
    *("board.empty.clerk", "board.empty.others", "inbox.empty", "wall.empty-more"),
    *("register.empty-more", "seal.none-more", "delegation.none", "program.none"),
    *("system.none", "letter.none", "overview.none-yet", "overview.stars-none"),
    "requester.none-found",
)
"""What each list says where it has nothing."""


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("key", EMPTY)
def test_an_empty_list_says_what_to_do_next(key, lang):
    """One sentence of what is not there, and one of what to do, or that nothing is."""
    said = PAGES.text(key, lang=lang)
    assert re.search(r"[.;] \w.*[.:]$", said), said
