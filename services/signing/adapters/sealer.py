"""The officer's signature, the agency's seal, then the proofs: PAdES B-LT, or less or
more as the order says.

Blocking work runs on the signing threads; most of a copy's time is the TSA's. Nothing
is stored and nothing is journalled here: the use case does both. Start at
``PadesSealer._seal``.
"""

import asyncio
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from cryptography import x509
from cryptography.x509.oid import NameOID

from chassis import crash
from chassis.clock import Clock
from ecopy.events import CertificationOrdered, Level, SignatureSummary
from ecopy.refusals import Hindrance, Reason, Refusal, Trouble
from signing.adapters.authorities.rate_budget import AT_ONCE
from signing.adapters.authorities.security_stores import (
    Holder,
    RevokedError,
    SecurityStores,
    UnprovedError,
)
from signing.adapters.authorities.timestamp_tokens import DocumentDigest, TimestampToken
from signing.adapters.authorities.timestamps import Timestamps
from signing.adapters.cms.signed_data import WrongKeyError
from signing.adapters.key_caps import KeyCaps
from signing.adapters.keyring import Keyring, SigningIdentity
from signing.adapters.pdf.groups import Group
from signing.adapters.pdf.increments import GrowingPdf
from signing.adapters.pdf.signature_revisions import (
    reserve_signature,
    reserve_timestamp,
)
from signing.adapters.pdf.store_revisions import (
    add_security_store,
    widen_security_store,
)
from signing.domain.copies import Draft, SealedCopy
from signing.domain.signatories import Signatories

TOKEN_DRIFT: Final = timedelta(minutes=5)
"""How far a token's genTime may be from /M (docs/dialect.md section 3)."""
FIELD: Final = {"officer": "Officer", "seal": "Seal"}
STAMPS: Final[dict[Level, int]] = {"B-T": 2, "B-LT": 2, "B-LTA": 3}
"""How many timestamps a copy takes: one for each signature, and at level B-LTA one over
the whole file."""


@dataclass(frozen=True, slots=True)
class PadesSealer:
    """The port ``Sealer`` over our keys, timestamp authorities and security stores."""

    keyring: Keyring
    timestamps: Timestamps
    revocation: SecurityStores
    clock: Clock
    threads: Executor
    caps: KeyCaps

    def signatories(self, order: CertificationOrdered, at: datetime) -> Signatories:
        return self.keyring.signatories(order, at)

    async def prepare(self, signatories: Signatories, level: Level = "B-LT") -> None:
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self.threads, self._prepare, signatories, level)

    async def seal(self, draft: Draft, signatories: Signatories) -> SealedCopy:
        loop = asyncio.get_running_loop()
        with self.timestamps.reserve(STAMPS[draft.level]):
            self.caps.use(signatory.key for signatory in signatories.both)
            return await loop.run_in_executor(
                self.threads, self._seal, draft, signatories
            )

    def _prepare(self, signatories: Signatories, level: Level) -> None:
        """Check that the keys may be used and answer, that the level's timestamps can
        be had, and that every certificate is proved not revoked.
        """
        self.caps.check(signatory.key for signatory in signatories.both)
        identities = [self.keyring[signatory] for signatory in signatories.both]
        for identity in identities:
            identity.signer.ready()
        self.timestamps.ready(
            lambda token: self._store(identities, [token, token]), STAMPS[level]
        )

    def _seal(self, draft: Draft, signatories: Signatories) -> SealedCopy:
        """Sign, seal and prove. Whatever is raised, the growing file is thrown away: it
        exists in this call alone, and a crash leaves nothing but the intent.
        """
        document = GrowingPdf(draft.content)
        at = self.clock().replace(microsecond=0)  # /M has whole seconds
        identities = [self.keyring[signatory] for signatory in signatories.both]
        tokens = []
        for identity in identities:
            tokens.append(self._sign(document, identity, at))
            if identity.pin.role == "officer":
                crash.reached("signing-officer-signed")
        if draft.level != "B-T":
            store = self._store(identities, tokens)
            add_security_store(document, store)
            if draft.level == "B-LTA":
                self._archive(document, identities, tokens, store, at)
        crash.reached("signing-sealed")
        officer, seal = (
            _summary(identity, token, draft.level)
            for identity, token in zip(identities, tokens, strict=True)
        )
        return SealedCopy(
            document.content, document.sha256.hexdigest(), (officer, seal), at
        )

    def _sign(
        self, document: GrowingPdf, identity: SigningIdentity, at: datetime
    ) -> TimestampToken:
        room = identity.template.size + self.timestamps.room
        revision = reserve_signature(
            document,
            FIELD[identity.pin.role],
            identity.appearance,
            at,
            room=room,
            certifies=identity.pin.role == "officer",
        )
        try:
            signed = identity.template.sign(revision.digest, identity.sign)
        except WrongKeyError as error:  # another key's place: each try would use it
            raise Refusal(
                Reason.CERTIFICATE_MISMATCH,
                "wrong-key",
                key=identity.pin.key,
                error=str(error),
            ) from error
        token = self._stamp(signed.value, at)
        try:
            revision.fill(identity.template.signed_data(signed, token.der))
        except OverflowError as error:  # the next try keeps room for this one
            raise _too_large(token) from error
        return token

    def _stamp(self, content: bytes, at: datetime) -> TimestampToken:
        token = self.timestamps.stamp(content)
        if abs(token.time - at) > TOKEN_DRIFT:
            raise Trouble(Hindrance.TSA, f"genTime {token.time}, signed at {at}")
        return token

    def _archive(
        self,
        document: GrowingPdf,
        identities: list[SigningIdentity],
        tokens: list[TimestampToken],
        store: Group,
        at: datetime,
    ) -> None:
        """Add a document timestamp, and proofs for its authority if none are there."""
        revision = reserve_timestamp(document, room=self.timestamps.room)
        token = self._stamp(DocumentDigest(revision.digest), at)
        try:
            revision.fill(token.der)
        except OverflowError as error:
            raise _too_large(token) from error
        # Asked for also where the store in the file will do: its answers must reach the
        # time of this token.
        wider = self._store(identities, [*tokens, token])
        if token.certificate not in {t.certificate for t in tokens}:
            widen_security_store(document, store, wider)

    def _store(
        self, identities: list[SigningIdentity], tokens: list[TimestampToken]
    ) -> Group:
        """The security store for the certificates that were really used.

        Raises Refusal or Trouble(REVOCATION) for a signer's certificate, DoubtedError
        for a TSA's.
        """
        holders = [Holder(i.certificate, i.chain) for i in identities]
        holders += [Holder(t.certificate, t.chain) for t in tokens]
        unique = {holder.certificate: holder for holder in holders}
        try:
            uses = [token.time for token in tokens]
            return self.revocation.store(tuple(unique.values()), uses)
        except RevokedError as error:
            signer = _holding(error.certificate, identities)
            if signer is not None:
                raise Refusal(
                    Reason.CERTIFICATE_REVOKED,
                    "certificate-revoked",
                    key=signer.pin.key,
                ) from error
            raise self.timestamps.doubt(error.certificate, "revoked") from error
        except UnprovedError as error:
            if _holding(error.certificate, identities) is not None:
                raise
            pause = error.again_in or AT_ONCE
            doubted = self.timestamps.doubt(error.certificate, "unproved", pause)
            raise doubted from error


def _holding(
    certificate: x509.Certificate, identities: list[SigningIdentity]
) -> SigningIdentity | None:
    """The signing identity that has *certificate* in its path; None for a TSA's."""
    for identity in identities:
        if certificate in (identity.certificate, *identity.chain.authorities):
            return identity
    return None


def _too_large(token: TimestampToken) -> Trouble:
    return Trouble(
        Hindrance.TSA, f"token of {len(token.der)} bytes, larger than its room"
    )


def _summary(
    identity: SigningIdentity, token: TimestampToken, level: Level
) -> SignatureSummary:
    role: Literal["officer", "seal"] = identity.pin.role
    return SignatureSummary(
        role=role,
        subject_name=_name(identity.certificate.subject),
        issuer_name=_name(identity.certificate.issuer),
        serial=f"{identity.certificate.serial_number:x}",
        certificate_sha256=identity.pin.certificate_sha256,
        signed_at=token.time,
        tsa_name=_name(token.certificate.subject),
        level=level,
    )


def _name(name: x509.Name) -> str:
    common = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(common[0].value) if common else name.rfc4514_string()
