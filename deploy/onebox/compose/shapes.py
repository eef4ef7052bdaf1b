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


class BookTable(_Shape):
    ordinal: Annotated[int, Field(ge=1)]
    number_format: Words = "{number}/{year}"
    book_format: Words = "{book:02d}/{year}-SCTĐT/BS"


class AgencyVersionTable(_Shape):
    version: Words
    valid_from: date
    name: Words
    name_lines: Lines
    place: Words
    key: Words


class LayoutTable(_Shape):
    template: Annotated[str, StringConstraints(pattern=r"^[a-z]+/[0-9]+$")]
    valid_from: date


class OfficerTable(_Shape):
    id: Words
    version: Words
    name: Words
    title_lines: Lines
    key: Words
    valid_from: date
    valid_until: date | None = None
    by_delegation: bool = False


class AgencyTable(_Shape):
    code: AgencyCode
    versions: Annotated[list[AgencyVersionTable], Field(min_length=1)]
    officers: list[OfficerTable] = []
    layouts: list[LayoutTable] = []
    book: BookTable = BookTable(ordinal=1)
    clause: Words = ""
    level: Literal["B-T", "B-LT", "B-LTA"] = "B-LT"
    close_of_business: time = time(17)
    same_person_may_certify: bool = False
    examination: bool = True


class AgenciesToml(_Shape):
    agencies: Annotated[list[AgencyTable], Field(min_length=1)]


class HsmKeyTable(_Shape):
    provider: Words
    label: Words | None = None
    id: Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{2})+$")] | None = None


class CscKeyTable(_Shape):
    provider: Words
    credential: Words
    pin_file: Words | None = None
    otp_file: Words | None = None


class KeyTable(_Shape):
    role: Literal["officer", "seal"]
    id: Words
    version: Words
    key: Words | None = None
    pkcs12: Words | None = None
    password_file: Words | None = None
    pkcs11: HsmKeyTable | None = None
    csc: CscKeyTable | None = None
    certificate: Words | None = None
    name_lines: Lines
    title_lines: list[Words] = []
    image: Words | None = None


class HsmTable(_Shape):
    module: Words
    token: Words
    serial: Words | None = None
    pin_file: Words
    sessions: Annotated[int, Field(ge=1, le=64)] = 4


class CscTable(_Shape):
    url: Annotated[str, StringConstraints(pattern=r"^https://")]
    client_id: Words | None = None
    client_secret_file: Words | None = None
    token_file: Words | None = None
    ca_file: Words | None = None
    timeout_seconds: Annotated[float, Field(gt=0)] = 10
    activation_seconds: Annotated[float, Field(gt=0, le=120)] = 120


class KeysToml(_Shape):
    keys: Annotated[dict[str, KeyTable], Field(min_length=1)]
    pkcs11: dict[str, HsmTable] = {}
    csc: dict[str, CscTable] = {}
