"""A TOML file of the operator's, read with its lines, or what is wrong with it."""

import tomllib
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import BaseModel, ValidationError

from onebox.compose.defect import Defect, misshapen
from onebox.compose.toml_lines import TomlLines

Shape = TypeVar("Shape", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class ReadToml(Generic[Shape]):
    """What a file says; None where it says nothing that can be used."""

    file: str
    said: Shape | None
    lines: TomlLines
    defects: list[Defect] = field(default_factory=list)


def read_toml(path: Path, shown: str, shape: type[Shape]) -> ReadToml[Shape]:
    """*shown*: the file as its operator names it."""
    nothing = TomlLines("")
    if path.is_dir():
        vi = "đây là thư mục (Docker đã tạo khi thiếu tệp): xóa đi, rồi đặt tệp vào"
        en = "this is a folder (Docker made it for a missing file): remove it, and put"
        folder = Defect("is-folder", shown, vi, f"{en} the file there")
        return ReadToml(shown, None, nothing, [folder])
    try:
        text = unicodedata.normalize("NFC", path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        why = _why(error)
        vi = f"không đọc được ({why}): chạy ecopy init, hoặc chép deploy/examples"
        en = f"it cannot be read ({why}): run ecopy init, or copy deploy/examples"
        gone = Defect("file-missing", shown, vi, en)
        return ReadToml(shown, None, nothing, [gone])
    lines = TomlLines(text)
    try:
        return ReadToml(shown, shape.model_validate(tomllib.loads(text)), lines)
    except ValidationError as error:
        return ReadToml(shown, None, lines, misshapen(shown, error, lines))
    except tomllib.TOMLDecodeError as error:
        vi = f"không đúng cú pháp TOML ({error}): sửa dòng này"
        en = f"it is not valid TOML ({error}): correct this line"
        at = _line(str(error), text)
        return ReadToml(shown, None, lines, [Defect("syntax", shown, vi, en, at)])


def _why(error: Exception) -> str:
    return error.strerror or str(error) if isinstance(error, OSError) else "UTF-8"


def _line(said: str, text: str) -> int:
    """The line that ``tomllib`` names in its sentence."""
    words = said.replace(",", " ").split()
    if "line" in words:
        return int(words[words.index("line") + 1])
    return len(text.splitlines())
