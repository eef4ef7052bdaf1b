"""What a copy shows is what was ordered: every letter of the clause page and of the
margins, in pinned letters (docs/dialect.md 10).
"""

import random
from hashlib import sha256

import pytest
from cryptography import x509

from storage.domain.gate import Refused, compile_trust, gate, hold_alone
from storage.domain.gate.pdf.base_revision import check_base
from storage.domain.gate.pdf.metadata import text_string
from storage.domain.gate.pdf.shape import parse
from storage.domain.gate.pki.crls import issuer_of
from support import build
from support.authority import authority
from support.forgeries.bent import Desk
from support.forgeries.bent_stores import bent_stores, written_anew
from support.forgeries.bent_words import bent_drafts
from support.forging.base import assemble
from support.originals import full_page, jpeg, original_of
from support.sealed import sealed_copy
from support.settings import share


@pytest.fixture(scope="module")
def pki(tmp_path_factory):
    with authority(tmp_path_factory.mktemp("authority")) as served:
        yield served


LAYOUTS = ["clause/1", "clause/2", "clause/3", "clause/4"]


@pytest.mark.parametrize("demo", [True, False])
@pytest.mark.parametrize("template", LAYOUTS)
def test_a_copy_holds_alone_and_with_its_order(pki, template, demo):
    """Without its order, a copy's own words are asked of all its parts."""
    plain = sealed_copy(pki).order
    clause = plain.clause.model_copy(update={"template": template})
    made = sealed_copy(pki, clause=clause, demo=demo)
    trust, digest = compile_trust(made.trust), sha256(made.content).hexdigest()
    assert gate(made.content, made.order, trust, digest).pages == 2
    alone = hold_alone(made.content, trust, digest)
    assert alone.entry == made.order.entry
    assert alone.number == made.order.clause.number


def test_an_order_of_before_is_still_served(pki):
    """In flight while a house is upgraded: today's signer writes the dialect that the
    order names, and storage judges it by that one, with its order and without.
    """
    made = sealed_copy(pki, dialect=1)
    trust, digest = compile_trust(made.trust), sha256(made.content).hexdigest()
    assert gate(made.content, made.order, trust, digest).pages == 2
    assert hold_alone(made.content, trust, digest).entry == made.order.entry
    for dialect in (2, 3):
        newer = made.order.model_copy(update={"dialect": dialect})
        with pytest.raises(Refused) as refused:
            gate(made.content, newer, trust, digest)
        assert refused.value.reason != "unexpected"


@pytest.fixture(scope="module")
def desk():
    """An order of two unlike pages, with its original."""
    pages = [full_page(jpeg()), full_page(jpeg(2), 90)]
    original, manifest = original_of(pages)
    digest = sha256(original).hexdigest()
    ref = build.ref().model_copy(update={"sha256": digest, "size": len(original)})
    return build.ordered(original=ref, manifest=manifest, dialect=3), original


def test_an_honest_draft_passes(desk):
    order, original = desk
    honest = Desk(order, original)
    draft = honest.draft(honest.honest)
    (base,) = parse(draft)
    check_base(base, order)
    again = assemble(honest.objects())
    (base,) = parse(again)
    check_base(base, order)


@pytest.mark.drawn
def test_whatever_shows_other_words_is_refused(desk):
    """Several hundred drafts by a holder of the keys, each with one thing bent."""
    order, original = desk
    bends = list(bent_drafts(order, original))
    assert len(bends) >= 300
    passed, others = [], []
    for bent in random.Random(14).sample(bends, share(len(bends))):
        reason = _refusal(bent.draft, order)
        if reason is None:
            passed.append(str(bent))
        elif reason not in bent.reasons:
            others.append((str(bent), reason))
    assert (passed, others) == ([], [])


def test_a_store_has_one_way_to_be_written(pki):
    """Whoever holds no key of the signer's could write another one: no item more, none
    less, none in another place, and nothing beside an answer that nobody signed.
    """
    made = sealed_copy(pki)
    trust = compile_trust(made.trust)

    def judged(content):
        try:
            gate(content, made.order, trust, sha256(content).hexdigest())
        except Refused as refused:
            return refused.reason
        return "passed"

    assert judged(written_anew(made.content)) == "passed"
    bends = list(bent_stores(made.content, pki.folder))
    assert len(bends) >= 50
    found = {str(bent): judged(bent.content) for bent in bends}
    others = {str(b): found[str(b)] for b in bends if found[str(b)] not in b.reasons}
    assert others == {}


def _refusal(draft, order):
    try:
        (base,) = parse(draft)
        check_base(base, order)
    except Refused as refused:
        return refused.reason
    return None


@pytest.mark.parametrize(
    "value",
    [b"(\x8acopy)", b"(\\212copy)", b"<feff0>", b"<fef>", b"<feffd800>", b"<8a>"],
)
def test_text_that_is_none_is_refused_by_its_name(value):
    """Found by random edits: such a string met no reason of its own."""
    with pytest.raises(Refused) as refused:
        text_string(value)
    assert refused.value.reason == "info"


def test_a_list_whose_name_is_broken_is_refused_by_its_name(pki):
    """Its issuer is parsed when it is asked for: so it is asked where it is loaded."""
    content = sealed_copy(pki).content
    start = content.index(b"stream\n", content.rindex(b"/CRLs["))
    view = {obj.number: obj for obj in parse(content)[3].objects.values()}
    lists = [
        obj.body()
        for obj in view.values()
        if obj.stream and obj.stream[0] > start and _is_list(obj.body())
    ]
    assert lists
    broken = [bent for item in lists for bent in _nameless(item)]
    assert broken
    for bent in broken:
        with pytest.raises(Refused) as refused:
            issuer_of(bent, set())
        assert refused.value.reason == "revocation-shape"


def _nameless(item):
    """The list with an octet of its name exchanged, where it loads and has no name."""
    name = x509.load_der_x509_crl(item).issuer.public_bytes()
    at = item.index(name)
    for place in range(at, at + len(name)):
        bent = item[:place] + b"\xff" + item[place + 1 :]
        try:
            found = x509.load_der_x509_crl(bent)
        except ValueError:
            continue
        try:
            _ = found.issuer
        except ValueError:
            yield bent


def _is_list(body):
    try:
        x509.load_der_x509_crl(body)
    except ValueError:
        return False
    return True
