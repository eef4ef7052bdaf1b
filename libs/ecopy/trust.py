"""The trust document: which chains, keys and stamps count. One file, read by both
the hand that signs and the gate that judges, so that nothing passes the one that
the other refuses after a key was used.
"""

import base64
from collections.abc import Iterator
from datetime import date
from typing import Final, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, model_validator

from ecopy.identifiers import AgencyCode, Sha256

DEVELOPMENT: Final = b"ecopy Development "
"""Begins the name of every authority that the development PKI makes."""


class _Model(BaseModel):
    # Unlike an event, a file that an operator writes has no unknown keys: one that is
    # misspelt would silently pin nothing.
    model_config = ConfigDict(frozen=True, extra="forbid")


class PinnedChain(_Model):
    """Certification authorities from the issuer of the leaves up to a root.

    Any depth; nothing in a file ever becomes an anchor. A token or signature is
    judged under a chain whose ``valid_from <= time < valid_until``.
    """

    name: str
    certificates: tuple[str, ...]
    """PEM, the leaves' issuer first, the self-signed root last."""
    valid_from: AwareDatetime
    valid_until: AwareDatetime


class PinnedIdentity(_Model):
    """One key of an officer or an agency, as of one version."""

    role: Literal["officer", "seal"]
    id: str
    """Officer id, or agency code."""
    version: str
    key: str
    """Key id of the signing service."""
    certificate: str
    """PEM of the leaf."""
    certificate_sha256: Sha256
    """The digest of the certificate's DER."""
    appearance_sha256: Sha256
    """The digest of the visible appearance's static part (docs/dialect.md)."""
    valid_from: date | None = None
    """First day on which the version counts; None in a document that says no days."""
    valid_until: date | None = None
    """The day from which it counts no more; None while it does."""

    def holds(self, day: date) -> bool:
        """Whether this version of the office or of the agency was in force that day."""
        begun = self.valid_from is None or self.valid_from <= day
        return begun and (self.valid_until is None or day < self.valid_until)


class Merger(_Model):
    """An agency that is part of another one from a day on. Its copies keep their name
    and their value (docs/decisions/0143).
    """

    agency: AgencyCode
    into: AgencyCode
    into_name: str
    """The name of the other one, as pages say it."""
    on: date
    """The first day on which the agency is no agency of its own any more."""


class TrustDocument(_Model):
    demo: bool
    """A development authority stands in it: production refuses to start."""
    signers: tuple[PinnedChain, ...]
    timestamps: tuple[PinnedChain, ...]
    identities: tuple[PinnedIdentity, ...]
    mergers: tuple[Merger, ...] = ()

    @model_validator(mode="after")
    def _says_what_it_is(self) -> Self:
        """One flag is soon forgotten: the authorities' own names count, too."""
        if not self.demo and any(map(_is_development, self._authorities())):
            raise ValueError("a development authority, and it does not say demo")
        return self

    @model_validator(mode="after")
    def _merges_each_once(self) -> Self:
        merged = [merger.agency for merger in self.mergers]
        if len(set(merged)) != len(merged):
            raise ValueError("an agency is merged twice")
        if any(merger.agency == merger.into for merger in self.mergers):
            raise ValueError("an agency is merged into itself")
        return self

    def merger(self, agency: str) -> Merger | None:
        """Into which agency this one was merged, if it was."""
        return next((m for m in self.mergers if m.agency == agency), None)

    def in_force(self, identity: PinnedIdentity, day: date) -> bool:
        """Whether somebody may sign or seal as *identity* what is approved that day:
        its version is in force, and a seal's agency is not merged into another one.
        """
        merger = self.merger(identity.id) if identity.role == "seal" else None
        return identity.holds(day) and (merger is None or day < merger.on)

    def _authorities(self) -> Iterator[str]:
        for chain in (*self.signers, *self.timestamps):
            yield from chain.certificates

    def identity(self, certificate_sha256: Sha256) -> PinnedIdentity | None:
        """The identity that holds this certificate, if it is pinned."""
        return next(
            (i for i in self.identities if i.certificate_sha256 == certificate_sha256),
            None,
        )


def _is_development(pem: str) -> bool:
    """Whether its DER holds the development authorities' name.

    What is no PEM is refused by whoever parses it.
    """
    body = "".join(line for line in pem.splitlines() if not line.startswith("-"))
    try:
        return DEVELOPMENT in base64.b64decode(body)
    except ValueError:
        return False
