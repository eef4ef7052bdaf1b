"""A mistake in what an operator laid out: the file, the place in it, the remedy."""

from dataclasses import dataclass

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from onebox.compose.toml_lines import TomlLines


@dataclass(frozen=True, slots=True)
class Defect:
    """One mistake, in a sentence that says what to do about it."""

    slug: str
    """Names the kind of mistake for programs; listed in docs/operations.md."""
    file: str
    """The file as the operator names it, from the folder of compose.yaml."""
    vi: str
    en: str
    line: int | None = None
    key: str = ""

    @property
    def where(self) -> str:
        """``.env:12 ECOPY_SUBNETS``."""
        line = "" if self.line is None else f":{self.line}"
        return f"{self.file}{line}{f' {self.key}' if self.key else ''}"


def misshapen(
    file: str, error: ValidationError, lines: TomlLines | None = None
) -> list[Defect]:
    """Every place at which a file is not of its shape: a name that is unknown, one that
    is missing, a value that cannot be.
    """
    return [_misfit(file, one, lines) for one in error.errors(include_url=False)]


def _misfit(file: str, error: ErrorDetails, lines: TomlLines | None) -> Defect:
    path = error["loc"]
    key, why = ".".join(map(str, path)), error["msg"]
    line = None if lines is None else lines.of(path)
    name = path[-1] if path else ""
    match error["type"]:
        case "extra_forbidden":
            vi = f"không có khóa nào tên {name}: sửa chính tả, hoặc xóa dòng này"
            en = f"there is no key named {name}: correct its spelling or delete it"
            return Defect("key-unknown", file, vi, en, line, key)
        case "missing":
            vi = f"thiếu khóa {name}: thêm vào theo tệp mẫu trong deploy/examples"
            en = f"the key {name} is missing: add it as deploy/examples shows"
            return Defect("key-missing", file, vi, en, line, key)
        case _:
            vi = f"giá trị không dùng được ({why}): sửa theo tệp mẫu deploy/examples"
            en = f"the value cannot be used ({why}): write it as deploy/examples shows"
            return Defect("value-unusable", file, vi, en, line, key)
