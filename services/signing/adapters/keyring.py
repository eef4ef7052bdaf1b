"""Keys, trust document and appearances brought together at start; the identities in
each order are compared with them before a key is used.

``assembled`` makes the ring, ``Keyring.signatories`` compares. Nothing signs here, and
the ring never changes after the start, so it needs no lock: whoever mends a key's files
starts the service anew. Start at ``Keyring``.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

import structlog
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from chassis.clock import LOCAL
from ecopy.events import CertificationOrdered
from ecopy.refusals import Reason, Refusal
from ecopy.trust import PinnedIdentity, TrustDocument
from signing.adapters.cms import certificate_chains
from signing.adapters.cms.certificate_chains import CertificateChain
from signing.adapters.cms.signed_data import CmsTemplate, Sign
from signing.adapters.composing.appearances import UnusableAppearanceError, render
from signing.adapters.keys import ClosedKey, Key, KeyEntry
from signing.adapters.keys.port import SigningKey
from signing.adapters.pdf.groups import Group
from signing.domain.signatories import (
    OrderedIdentity,
    Signatories,
    Signatory,
    ordered_officer,
    ordered_seal,
)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class SigningIdentity:
    """A pinned key with all that a signature by it takes: its CMS template, its chain,
    its static appearance.
    """

    pin: PinnedIdentity
    entry: KeyEntry
    template: CmsTemplate
    chain: CertificateChain
    appearance: Group
    signer: SigningKey

    @property
    def sign(self) -> Sign:
        return self.signer.sign

    @property
    def certificate(self) -> x509.Certificate:
        return self.template.certificate


class Keyring:
    def __init__(
        self,
        identities: Iterable[SigningIdentity],
        closed: Iterable[ClosedKey],
        *,
        demo: bool,
        in_force: Callable[[PinnedIdentity, date], bool] = PinnedIdentity.holds,
    ) -> None:
        """*demo*: the keys are certified by a development authority. One key id may
        have two certificates (a rotation): the order's pin decides. *in_force*: whether
        a version may sign what was approved on a day, as the gate decides it, too.
        """
        self._identities = {
            (i.pin.key, i.pin.certificate_sha256): i for i in identities
        }
        self._closed = {key.id: key for key in closed}
        self._demo = demo
        self._in_force = in_force

    def __getitem__(self, signatory: Signatory) -> SigningIdentity:
        return self._identities[signatory.key, signatory.certificate_sha256]

    def values(self) -> tuple[SigningIdentity, ...]:
        return tuple(self._identities.values())

    def certificates(self) -> tuple[tuple[str, x509.Certificate], ...]:
        """Each key's id and certificate; a key in a rotation is there twice."""
        return tuple((i.pin.key, i.certificate) for i in self.values())

    def signatories(self, order: CertificationOrdered, at: datetime) -> Signatories:
        """Who signs this order. Raises Refusal naming the key and what is wrong with
        it.

        A development authority signs only what says on each page that it is a trial,
        and a real one never does.
        """
        if order.demo != self._demo:
            raise Refusal(Reason.CERTIFICATE_MISMATCH, "trial-and-real")
        approved = order.approved_at.astimezone(LOCAL).date()
        return Signatories(
            self._signatory(ordered_officer(order.officer), at, approved),
            self._signatory(ordered_seal(order.agency), at, approved),
        )

    def _signatory(
        self, wanted: OrderedIdentity, at: datetime, approved: date
    ) -> Signatory:
        identity = self._identities.get((wanted.key, wanted.certificate_sha256))
        if identity is None:
            raise self._absent(wanted)
        if _described(identity) != wanted:
            raise _mismatch(wanted)
        if not self._in_force(identity.pin, approved):
            raise _outdated(wanted, approved)
        _check_certificate(identity, at)
        return Signatory(wanted.role, wanted.key, wanted.certificate_sha256)

    def _absent(self, wanted: OrderedIdentity) -> Refusal:
        closed = self._closed.get(wanted.key)
        if closed is not None:
            return Refusal(
                closed.reason, closed.cause, **{"key": closed.id, **closed.values}
            )
        if any(key == wanted.key for key, _ in self._identities):
            return _mismatch(wanted)
        return Refusal(Reason.KEY_MISSING, "key-undeclared", key=wanted.key)


def _mismatch(wanted: OrderedIdentity) -> Refusal:
    return Refusal(
        Reason.CERTIFICATE_MISMATCH,
        "key-of-another",
        key=wanted.key,
        owner=" ".join(wanted.name_lines),
    )


def _outdated(wanted: OrderedIdentity, approved: date) -> Refusal:
    """The version had ended, or not begun, when it was approved."""
    return Refusal(
        Reason.CERTIFICATE_MISMATCH,
        "version-not-in-force",
        key=wanted.key,
        version=wanted.version,
        day=f"{approved:%d/%m/%Y}",
    )


def _described(identity: SigningIdentity) -> OrderedIdentity:
    pin, entry = identity.pin, identity.entry
    return OrderedIdentity(
        pin.role,
        pin.id,
        pin.version,
        pin.key,
        pin.certificate_sha256,
        entry.name_lines,
        entry.title_lines,
    )


def _check_certificate(identity: SigningIdentity, at: datetime) -> None:
    certificate, name = identity.certificate, identity.pin.key
    if not certificate_chains.is_valid(certificate, at):
        begins = certificate.not_valid_before_utc.astimezone(LOCAL)
        ends = certificate.not_valid_after_utc.astimezone(LOCAL)
        raise Refusal(
            Reason.CERTIFICATE_EXPIRED,
            "not-in-force",
            key=name,
            begins=f"{begins:%d/%m/%Y}",
            ends=f"{ends:%d/%m/%Y}",
        )
    if not certificate_chains.may_sign(certificate):
        raise Refusal(Reason.CERTIFICATE_USAGE, "no-signing-usage", key=name)
    if not identity.chain.holds(certificate, at):
        raise Refusal(
            Reason.CERTIFICATE_EXPIRED,
            "issuer-not-in-force",
            key=name,
            chain=identity.chain.name,
        )


def assembled(
    loaded: Mapping[str, Key | ClosedKey],
    trust: TrustDocument,
    signers: tuple[CertificateChain, ...],
) -> Keyring:
    """The ring of all keys in *loaded*. A key that is not the pinned one, or whose
    appearance is not, is closed: orders that name it are refused, and the others go on.
    """
    identities, closed = [], []
    for key in loaded.values():
        made = key if isinstance(key, ClosedKey) else _identity(key, trust, signers)
        if isinstance(made, ClosedKey):
            log.error("key_closed", key=key.id, reason=made.reason, why=made.why)
            closed.append(made)
            continue
        identities.append(made)
    return Keyring(identities, closed, demo=trust.demo, in_force=trust.in_force)


def _identity(
    key: Key, trust: TrustDocument, signers: tuple[CertificateChain, ...]
) -> SigningIdentity | ClosedKey:
    pin = trust.identity(key.certificate.fingerprint(hashes.SHA256()).hex())
    if pin is None:
        return _not_pinned(key, "not-pinned")
    named = (key.id, key.entry.role, key.entry.id, key.entry.version)
    if named != (pin.key, pin.role, pin.id, pin.version):
        return _not_pinned(key, "pinned-for-another", role=pin.role, owner=pin.id)
    try:
        appearance = render(key.appearance)
    except UnusableAppearanceError as error:
        return _not_shown(key, error.cause, **error.values)
    if appearance.digest() != pin.appearance_sha256:
        return _not_shown(key, "drawing-not-pinned", digest=appearance.digest()[:8])
    chain = _chain(key.certificate, signers)
    if chain is None:
        return _not_pinned(key, "issuer-not-pinned")
    template = CmsTemplate(key.certificate, chain.intermediates)
    return SigningIdentity(pin, key.entry, template, chain, appearance, key.signer)


def _not_shown(key: Key, cause: str, **values: str) -> ClosedKey:
    return ClosedKey(key.id, Reason.APPEARANCE_UNUSABLE, cause, values)


def _not_pinned(key: Key, cause: str, **values: str) -> ClosedKey:
    return ClosedKey(key.id, Reason.CERTIFICATE_MISMATCH, cause, values)


def _chain(
    certificate: x509.Certificate, signers: tuple[CertificateChain, ...]
) -> CertificateChain | None:
    """The pinned chain whose authority signed *certificate*; None if there is none.
    Whether both are valid is asked at each use.
    """
    issuers = (
        c
        for c in signers
        if certificate_chains.issued_by(certificate, c.authorities[0])
    )
    return next(issuers, None)
