"""The base revision: catalog, page tree, clause page, form, and not an object more.

docs/dialect.md §2. Each check claims the objects that it has understood; what nobody
claims is an orphan. Start at ``check_base``.
"""

from dataclasses import dataclass
from typing import Final, TypeAlias

from ecopy.events import CertificationOrdered
from storage.domain.gate.pdf.metadata import check_metadata
from storage.domain.gate.pdf.names import check_names
from storage.domain.gate.pdf.objects import Obj, View, resolve
from storage.domain.gate.pdf.pages import FileUnderCheck, check_page
from storage.domain.gate.pdf.resources import check_profile, claim_resources
from storage.domain.gate.pdf.shape import Revision
from storage.domain.gate.pdf.streams import inflate
from storage.domain.gate.pdf.tokens import Dictionary, Ref, Value, reference
from storage.domain.gate.refusal import refuse, require
from storage.domain.gate.words.checking import ReadWords
from storage.domain.gate.words.letters import claim_letters
from storage.domain.gate.words.wording import wording

CATALOG: Final = Ref(1)
INFO: Final = Ref(2)

# A closed set. Every other key of a catalog can make a reader run, hide, add or fetch
# something: /OpenAction, /AA, /Names, /OCProperties, /Collection, /Perms, /XFA below.
_CATALOG_KEYS: Final = frozenset(
    b"/" + name
    for name in (
        b"AcroForm Lang Metadata OutputIntents Pages Type ViewerPreferences".split()
    )
)
_CATALOG: Final[Dictionary] = {
    b"/Type": b"/Catalog",
    b"/Lang": b"(vi)",
    b"/ViewerPreferences": {b"/DisplayDocTitle": b"true"},
}
_CLAUSE_KEYS: Final = frozenset(
    {b"/Annots", b"/Contents", b"/MediaBox", b"/Parent", b"/Resources", b"/Type"}
)
_CLAUSE_BOX: Final = b"[0 0 595.2756 867.40155]"
_Fields: TypeAlias = tuple[tuple[bytes, bytes], ...]
# Points of the clause page; the layouts of signing's clause templates leave these free.
_LOWER: Final[_Fields] = (
    (b"(Officer)", b"[80 324 300 494]"),
    (b"(Seal)", b"[318 324 538 494]"),
)
_UPPER: Final[_Fields] = (
    (b"(Officer)", b"[80 382 300 552]"),
    (b"(Seal)", b"[318 382 538 552]"),
)
_FIELDS: Final = {
    "clause/1": _LOWER,
    "clause/2": _LOWER,
    "clause/3": _UPPER,
    "clause/4": _UPPER,
}
"""The fields of each layout; the order froze which one it is (§2.4)."""
_TIMESTAMP_FIELD: Final = (b"(Timestamp)", b"[0 0 0 0]")
_INTENT_KEYS: Final = frozenset(
    b"/" + name
    for name in (
        b"Type S OutputConditionIdentifier OutputCondition Info RegistryName"
        b" DestOutputProfile"
    ).split()
)


@dataclass(frozen=True, slots=True)
class BaseRevision:
    """What the later revisions build upon."""

    view: View
    form: int
    officer: int
    seal: int
    """Numbers of the AcroForm and of the two fields."""
    timestamp: int | None = None
    """Field of the document timestamp, at level B-LTA only."""


def check_base(base: Revision, order: CertificationOrdered) -> BaseRevision:
    view = base.objects
    catalog = resolve(view, base.trailer[b"/Root"], "catalog")
    pinned = set[int]()
    words = _words(view, catalog, order, pinned) if order.dialect > 1 else None
    # All but the letters, which nobody has to read: each byte of them is known.
    check_names(view[number] for number in view.keys() - pinned)
    require(base.trailer[b"/Root"] == CATALOG, "catalog", "number")
    require(base.trailer[b"/Info"] == INFO, "info", "number")
    fields = catalog.dictionary()
    require(fields.keys() == _CATALOG_KEYS, "catalog", b" ".join(sorted(fields)))
    require(fields.items() >= _CATALOG.items(), "catalog", "values")
    xmp = resolve(view, fields[b"/Metadata"], "metadata")
    check_metadata(resolve(view, INFO, "info"), xmp, order)
    shared = FileUnderCheck(view, {CATALOG, INFO, xmp.number} | pinned, words=words)
    if words is None:
        _claim_intent(shared, fields[b"/OutputIntents"])
    pages = _check_pages(shared, fields[b"/Pages"], order)
    archival = order.level == "B-LTA"
    require(order.clause.template in _FIELDS, "layout", order.clause.template)
    signatures = _FIELDS[order.clause.template]
    form = _check_form(
        shared,
        fields[b"/AcroForm"],
        pages[-1],
        (*signatures, _TIMESTAMP_FIELD) if archival else signatures,
    )
    # An object that nothing refers to is shown by no reader today. It could be by a
    # later revision, so there is none.
    orphans = view.keys() - shared.claimed
    require(not orphans, "orphan-object", sorted(orphans)[:9])
    return form


def _words(
    view: View, catalog: Obj, order: CertificationOrdered, pinned: set[int]
) -> ReadWords:
    """The words that the drawings must show, in the pinned letters (§10)."""
    intents = catalog.dictionary().get(b"/OutputIntents")
    if not isinstance(intents, list) or len(intents) != 1:
        refuse("output-intent", "not one")
    letters, resources = claim_letters(view, intents[0], pinned)
    return ReadWords(wording(order), letters, resources)


def _claim_intent(shared: FileUnderCheck, value: Value) -> None:
    """One output intent, PDF/A's (ISO 19005-2 §6.2.3), with its profile."""
    view = shared.view
    if type(value) is Ref:
        shared.claimed.add(value)
        value = resolve(view, value, "output-intent").value
    if not isinstance(value, list) or len(value) != 1:
        refuse("output-intent", "not one")
    intent = value[0]
    if type(intent) is Ref:
        shared.claimed.add(intent)
        intent = resolve(view, intent, "output-intent").value
    if not isinstance(intent, dict):
        refuse("output-intent", "not a dictionary")
    require(intent.keys() == _INTENT_KEYS, "output-intent", "keys")
    require(intent[b"/Type"] == b"/OutputIntent", "output-intent", "type")
    require(intent[b"/S"] == b"/GTS_PDFA1", "output-intent", "kind")
    profile = resolve(view, intent[b"/DestOutputProfile"], "output-intent")
    check_profile(profile, "output-intent", b"3")
    shared.claimed.add(profile.number)


def _check_pages(
    shared: FileUnderCheck, value: Value, order: CertificationOrdered
) -> list[Ref]:
    """A flat tree: the ordered pages, each once, then the clause page."""
    tree = resolve(shared.view, value, "page-tree")
    fields = tree.dictionary()
    require(fields.keys() == {b"/Count", b"/Kids", b"/Type"}, "page-tree", "keys")
    require(fields[b"/Type"] == b"/Pages", "page-tree", "type")
    listed = fields[b"/Kids"]
    if not isinstance(listed, list):
        refuse("page-tree", "Kids")
    kids = [reference(kid, "page-tree") for kid in listed]
    require(len(set(kids)) == len(kids), "page-tree", "a page twice")
    expected = len(order.manifest) + 1
    require(len(kids) == expected, "page-count", len(kids))
    require(fields[b"/Count"] == b"%d" % expected, "page-count", "Count")
    shared.claimed |= {tree.number, *kids}
    for place, (kid, ordered) in enumerate(zip(kids, order.manifest, strict=False), 1):
        page = resolve(shared.view, kid, "page-tree")
        check_page(shared, page, value, ordered, place)
    _check_clause(shared, resolve(shared.view, kids[-1], "page-tree"), value)
    return kids


def _check_clause(shared: FileUnderCheck, page: Obj, parent: Value) -> None:
    """Text and paths by fonts and profiles; the officer's signature covers it."""
    fields = page.dictionary()
    require(fields.keys() == _CLAUSE_KEYS, "clause-page", "keys")
    require(fields[b"/Type"] == b"/Page", "clause-page", "type")
    require(fields[b"/Parent"] == parent, "clause-page", "parent")
    require(fields[b"/MediaBox"] == _CLAUSE_BOX, "clause-page", "box")
    content = resolve(shared.view, fields[b"/Contents"], "clause-page")
    filters = content.dictionary()
    require(filters.keys() == {b"/Filter", b"/Length"}, "clause-page", "content")
    require(filters[b"/Filter"] == b"/FlateDecode", "clause-page", "filter")
    shared.claimed.add(content.number)
    resources = fields[b"/Resources"]
    if shared.words is not None:
        require(resources == shared.words.resources, "clause-page", "letters")
        shared.words.check_clause(inflate(content, "clause-page"))
        return
    shared.claimed |= claim_resources(shared.view, resources, procedures=True)


def _check_form(
    shared: FileUnderCheck,
    value: Value,
    clause: Ref,
    wanted: _Fields,
) -> BaseRevision:
    """Bare fields on the clause page, and they are all its annotations."""
    form = resolve(shared.view, value, "form")
    fields = form.dictionary()
    require(fields.keys() == {b"/Fields"}, "form", "keys")
    listed = fields[b"/Fields"]
    if not isinstance(listed, list) or len(listed) != len(wanted):
        refuse("form", "fields")
    page = shared.view[clause].dictionary()
    require(page[b"/Annots"] == listed, "annotation", "clause page")
    for number, (name, box) in zip(listed, wanted, strict=True):
        widget = resolve(shared.view, number, "form").dictionary()
        require(widget == _widget(name, box, clause), "form", name)
    numbers = [reference(number, "form") for number in listed]
    shared.claimed |= {form.number, *numbers}
    return BaseRevision(shared.view, form.number, *numbers)


def _widget(name: bytes, box: bytes, clause: Ref) -> Dictionary:
    """Printed and locked (132); no appearance yet, no lock, no seed values."""
    return {
        b"/F": b"132",
        b"/FT": b"/Sig",
        b"/P": clause,
        b"/Rect": box,
        b"/Subtype": b"/Widget",
        b"/T": name,
        b"/Type": b"/Annot",
    }
