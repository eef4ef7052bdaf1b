"""What ``agencies.toml`` and ``keys.toml`` may hold, name by name.

The services read these files by themselves (``intake.domain.agencies``,
``signing.adapters.keys.entries``), and nothing here imports a service: a test holds the
names below against theirs. Values are looked at more closely than there, because an
operator asks before the start.
"""

from datetime import date, time
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from ecopy.identifiers import AgencyCode

Words = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Lines = Annotated[list[Words], Field(min_length=1)]


class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Book(_Shape):
    ordinal: Annotated[int, Field(ge=1)]
    number_format: Words = "{number}/{year}"
    book_format: Words = "{book:02d}/{year}-SCTĐT/BS"


class AgencyVersion(_Shape):
    version: Words
    valid_from: date
    name: Words
    name_lines: Lines
    place: Words
    key: Words


class Layout(_Shape):
    template: Annotated[str, StringConstraints(pattern=r"^[a-z]+/[0-9]+$")]
    valid_from: date


class Officer(_Shape):
    id: Words
    version: Words
    name: Words
    title_lines: Lines
    key: Words
    valid_from: date
    valid_until: date | None = None
    by_delegation: bool = False


class Agency(_Shape):
    code: AgencyCode
    versions: Annotated[list[AgencyVersion], Field(min_length=1)]
    officers: list[Officer] = []
    layouts: list[Layout] = []
    book: Book = Book(ordinal=1)
    clause: Words = ""
    level: Literal["B-T", "B-LT", "B-LTA"] = "B-LT"
    close_of_business: time = time(17)
    same_person_may_certify: bool = False
    examination: bool = True


class AgenciesFile(_Shape):
    agencies: Annotated[list[Agency], Field(min_length=1)]


class HsmKey(_Shape):
    provider: Words
    label: Words | None = None
    id: Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{2})+$")] | None = None


class CscKey(_Shape):
    provider: Words
    credential: Words
    pin_file: Words | None = None
    otp_file: Words | None = None


class Key(_Shape):
    role: Literal["officer", "seal"]
    id: Words
    version: Words
    key: Words | None = None
    pkcs12: Words | None = None
    password_file: Words | None = None
    pkcs11: HsmKey | None = None
    csc: CscKey | None = None
    certificate: Words | None = None
    name_lines: Lines
    title_lines: list[Words] = []
    image: Words | None = None


class Hsm(_Shape):
    module: Words
    token: Words
    serial: Words | None = None
    pin_file: Words
    sessions: Annotated[int, Field(ge=1, le=64)] = 4


class Csc(_Shape):
    url: Annotated[str, StringConstraints(pattern=r"^https://")]
    client_id: Words | None = None
    client_secret_file: Words | None = None
    token_file: Words | None = None
    ca_file: Words | None = None
    timeout_seconds: Annotated[float, Field(gt=0)] = 10
    activation_seconds: Annotated[float, Field(gt=0, le=120)] = 120


class KeysFile(_Shape):
    keys: Annotated[dict[str, Key], Field(min_length=1)]
    pkcs11: dict[str, Hsm] = {}
    csc: dict[str, Csc] = {}
