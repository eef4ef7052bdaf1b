"""What a signed file says of its signatures, as values that cannot carry harm.

Each text came out of a stranger's file: characters that steer a terminal or turn the
direction of writing are cut here, at the boundary, and so is excessive length, whatever
the worker left them as. A worker that was taken over can only leave wrong facts. Start
at ``Findings``.
"""

import unicodedata
from datetime import UTC, datetime
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

MOST_SIGNATURES: Final = 20
"""Explained one by one; further ones are counted. A real file has one to five."""
MOST_ISSUERS: Final = 8
"""More than a real chain has; a file may bring one without end."""
LINE_CHARACTERS: Final = 120
"""Characters of one text; a longer one is cut, for it would fill the page."""
_YEARS: Final = range(1950, 2200)
"""A date outside them is a trick or a mistake, and no calendar can show year 0."""

Answer = Literal["yes", "no", "unsaid"]
Kind = Literal["signature", "seal", "document-timestamp", "usage-rights"]
Coverage = Literal["file", "revision", "part", "unsaid"]
Later = Literal["none", "proofs", "form", "comments", "other", "unsaid"]
Reason = Literal["", "broken", "byte-range", "algorithm", "format", "no-certificate"]
Ending = Literal["self-signed", "root", "open"]
State = Literal[
    "unchanged",
    "altered",
    "part",
    "unsaid",
    "then-none",
    "then-proofs",
    "then-form",
    "then-comments",
    "then-other",
    "then-unsaid",
]
"""One sentence for people each; *then-…*: what was added behind the signed part."""
Outcome = Literal["read", "none", "unreadable", "encrypted", "too-much", "not-looked"]
"""*none*: no form field leads to a signature; *too-much*: time or memory ran out;
*not-looked*: this machine had no worker free for it, or could not start one."""
_THEN: Final[dict[Later, State]] = {
    "none": "then-none",
    "proofs": "then-proofs",
    "form": "then-form",
    "comments": "then-comments",
    "other": "then-other",
    "unsaid": "then-unsaid",
}


def clean_line(text: str) -> str:
    """One line without control, direction or private characters, at most 120 long."""
    # Cut before it is normalised, so that a text of megabytes does not cost its length.
    spaced = " ".join(unicodedata.normalize("NFC", text[: 8 * LINE_CHARACTERS]).split())
    # Category C: control, format (which turns the direction), surrogate, private, none.
    visible = "".join(c for c in spaced if unicodedata.category(c)[0] != "C")
    if len(visible) <= LINE_CHARACTERS:
        return visible
    return visible[: LINE_CHARACTERS - 1] + "…"


def plausible(moment: datetime | None) -> datetime | None:
    """In UTC, or None for a date that nobody can have meant. ISO 32000-2, 7.9.4: a time
    without a zone is UTC.
    """
    if moment is None or moment.year not in _YEARS:
        return None
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    return moment.astimezone(UTC)


Line = Annotated[str, AfterValidator(clean_line)]
Moment = Annotated[datetime | None, AfterValidator(plausible)]


class Fact(BaseModel):
    # Behind the wall a hostile file may have taken the worker over: what it says beyond
    # these fields is refused and not ignored.
    model_config = ConfigDict(frozen=True, extra="forbid")


class Party(Fact):
    """A name as a certificate states it. Personal identity numbers are left out."""

    common_name: Line = ""
    organisation: Line = ""
    country: Line = ""

    @property
    def name(self) -> str:
        """The one line by which people know this party; empty if there is none."""
        return self.common_name or self.organisation


class Certificate(Fact):
    subject: Party
    issuer: Party
    serial: Annotated[str, Field(pattern=r"^-?[0-9a-f]{1,64}$")]
    not_before: Moment
    not_after: Moment
    """Both as X.509 names them; whether the certificate was revoked is not asked."""
    issuers: Annotated[tuple[Party, ...], Field(max_length=MOST_ISSUERS)] = ()
    """Whose certificates are in the file, from the issuer up. Each one's key did sign
    the certificate below it."""
    ends: Ending = "open"
    """*root*: the last issuer signed its own certificate, as anybody can; *open*: the
    next issuer's certificate is not in the file."""


class Stamp(Fact):
    """A timestamp token that the file carries for a signature (RFC 3161)."""

    at: Moment
    authority: Certificate | None = None
    fits: Answer = "unsaid"
    """Whether the token was made over this signature and is itself unaltered."""


class Signature(Fact):
    kind: Kind
    field: Line
    """Name of the form field that it stands in."""
    signer: Certificate | None = None
    claimed_at: Moment = None
    """The signer's own clock says so; nobody vouches for it."""
    stamp: Stamp | None = None
    intact: Answer = "unsaid"
    """Whether the bytes that it covers are those that were signed, by the key of this
    certificate."""
    reason: Reason = ""
    """Why *intact* cannot be said; empty otherwise."""
    coverage: Coverage = "unsaid"
    later: Later = "unsaid"
    """What was added behind it, by the strictest reading; *other* may be anything."""
    later_revisions: Annotated[int, Field(ge=0, le=100_000)] = 0
    docmdp: Annotated[int, Field(ge=0, le=3)] = 0
    """What the first signer allowed afterwards: 1 nothing, 2 forms and signatures,
    3 comments too; 0 if nothing is stated."""
    purpose: Line = ""
    """Entry /Reason, as the signer typed it."""
    place: Line = ""

    @property
    def unchanged(self) -> Answer:
        """Whether the whole file is as it was when this signature was made."""
        if self.intact == "no":
            return "no"
        if self.intact == "unsaid" or self.coverage in ("part", "unsaid"):
            return "unsaid"
        return "yes" if self.coverage == "file" else "no"

    @property
    def state(self) -> State:
        """What became of the file since, as one of the sentences for people."""
        if self.intact == "no":
            return "altered"
        if self.intact == "unsaid":
            return "unsaid"
        if self.coverage == "file":
            return "unchanged"
        return _THEN[self.later] if self.coverage == "revision" else "part"


class Findings(Fact):
    """What was found out about one file, or why nothing could be."""

    outcome: Outcome
    signatures: Annotated[tuple[Signature, ...], Field(max_length=MOST_SIGNATURES)] = ()
    more: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    """Signatures that were counted and not explained."""
    whole: bool = True
    """False when time ran out before all was looked at: *later* may be unsaid."""
