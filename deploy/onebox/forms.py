"""HTML forms as a browser sees them: found on a page, filled in, sent.

Pages are fetched and sent by ``browser``. Start at ``form_to``, then ``Form.filled``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final

Fields = list[tuple[str, str]]
_SILENT: Final = frozenset({"submit", "button", "file", "image", "reset"})
_TICKED: Final = frozenset({"checkbox", "radio"})


@dataclass(slots=True)
class HtmlForm:
    action: str
    fields: Fields = field(default_factory=list)
    """What would be sent if nothing were typed, in the page's order."""
    boxes: Fields = field(default_factory=list)
    """Check boxes that nobody has ticked yet."""
    choices: dict[str, list[str]] = field(default_factory=dict)
    """The values that each ``select`` offers, by its name."""
    names: set[str] = field(default_factory=set)
    """Every control, also those that send nothing yet."""
    required: set[str] = field(default_factory=set)
    """Each ``select`` in which a choice must be made."""

    def filled(self, values: Mapping[str, str | Sequence[str]]) -> dict[str, list[str]]:
        """The fields to send.

        Raises KeyError for a control that is not on the page, ValueError for a choice
        that the page asks for and nobody made.
        """
        unknown = set(values) - self.names
        if unknown:
            raise KeyError(f"form {self.action} has no {', '.join(sorted(unknown))}")
        sent: dict[str, list[str]] = {}
        for name, value in self.fields:
            sent.setdefault(name, []).append(value)
        for name, typed in values.items():
            sent[name] = [typed] if isinstance(typed, str) else list(typed)
        unmade = {name for name in self.required if "" in sent.get(name, [""])}
        if unmade:
            raise ValueError(f"form {self.action}: choose {', '.join(sorted(unmade))}")
        return sent

    def values_of(self, name: str) -> list[str]:
        """The values of the check boxes called *name*, ticked or not."""
        return [v for n, v in [*self.fields, *self.boxes] if n == name]


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[HtmlForm] = []
        self._by_id: dict[str, HtmlForm] = {}
        self._open: HtmlForm | None = None
        self._select: tuple[HtmlForm, str] | None = None
        self._textarea: tuple[HtmlForm, str] | None = None
        self._text = ""
        self._early: dict[str, list[tuple[str, dict[str, str]]]] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = HtmlForm(given.get("action", ""))
            self.forms.append(self._open)
            self._name(self._open, given.get("id", ""))
        elif tag in {"input", "select", "textarea"}:
            self._control(tag, given)
        elif tag == "option" and self._select is not None:
            self._option(given)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "select":
            self._end_select()
        elif tag == "textarea" and self._textarea is not None:
            form, name = self._textarea
            form.fields.append((name, self._text.strip()))
            self._textarea = None

    def handle_data(self, data: str) -> None:
        if self._textarea is not None:
            self._text += data

    def _name(self, form: HtmlForm, name: str) -> None:
        """A form with an id also owns what stood before it and named it."""
        self._by_id[name] = form
        for tag, given in self._early.pop(name, []):
            self._control(tag, given)

    def _control(self, tag: str, given: dict[str, str]) -> None:
        form = self._form_of(given)
        if form is None and "form" in given:
            self._early.setdefault(given["form"], []).append((tag, given))
        name = given.get("name", "")
        if form is None or not name or "disabled" in given:
            return
        form.names.add(name)
        if tag == "select":
            self._select = form, name
            form.choices[name] = []
            form.required |= {name} if "required" in given else set()
        elif tag == "textarea":
            self._textarea, self._text = (form, name), ""
        else:
            _add_input(form, name, given)

    def _form_of(self, given: dict[str, str]) -> HtmlForm | None:
        """A control may stand outside and name its form (HTML: ``form=``)."""
        return self._by_id.get(given["form"]) if "form" in given else self._open

    def _option(self, given: dict[str, str]) -> None:
        if self._select is None or "value" not in given:
            return
        form, name = self._select
        form.choices[name].append(given["value"])
        if "selected" in given:
            form.fields.append((name, given["value"]))

    def _end_select(self) -> None:
        """A browser sends the first option where none is selected."""
        if self._select is None:
            return
        form, name = self._select
        chosen = any(n == name for n, _ in form.fields)
        if not chosen and form.choices[name]:
            form.fields.append((name, form.choices[name][0]))
        self._select = None


def _add_input(form: HtmlForm, name: str, given: dict[str, str]) -> None:
    kind = given.get("type", "text").lower()
    if kind in _SILENT:
        return
    if kind in _TICKED:
        value = given.get("value", "on")
        (form.fields if "checked" in given else form.boxes).append((name, value))
        return
    form.fields.append((name, given.get("value", "")))


def forms_on(page: str) -> list[HtmlForm]:
    parser = _Parser()
    parser.feed(page)
    return parser.forms


def form_to(page: str, ending: str) -> HtmlForm:
    """The form whose action ends with *ending*; LookupError if there is none."""
    for form in forms_on(page):
        if form.action.split("?")[0].endswith(ending):
            return form
    raise LookupError(f"no form to …{ending} on the page")
