"""One field of a form as typed: its text, and each mistake noted with the field's name.

Who reads the fields of a case is ``intake_form``.
"""

from collections.abc import Mapping

from intake.domain import text
from intake.domain.views.page import FieldError


def required(fields: Mapping[str, str], name: str, errors: list[FieldError]) -> str:
    """The line that must be there; what is wrong with it is added to *errors*."""
    value = line(fields, name, name, errors)
    if not value:
        errors.append(FieldError(name, f"error.{name}"))
    return value


def line(
    fields: Mapping[str, str], name: str, field: str, errors: list[FieldError]
) -> str:
    """The text of a field in one line, or a mistake where it is too long: it is never
    cut in silence, because a register that has half a name is wrong. *field* is the
    name by which the form knows it.
    """
    value = text.line(fields.get(name, ""))
    if len(value) > text.LINE_CHARACTERS:
        most: dict[str, str | int] = {"most": text.LINE_CHARACTERS}
        errors.append(FieldError(field, "error.too-long", most))
    return value


def choice(
    fields: Mapping[str, str],
    name: str,
    known: tuple[str, ...],
    errors: list[FieldError],
) -> str:
    """The value as typed; a mistake where it is none of *known*."""
    value = fields.get(name, "")
    if value not in known:
        errors.append(FieldError(name, f"error.{name}"))
    return value
