"""Every kind of scan of the corpus, rebuilt, composed and sealed; every level; every
algorithm: before judges that share no code with us.

``make conformance``; what each judge said of each copy is in
``build/conformance-corpus.json``. EU DSS compares no pictures here (``test_judges`` has
it do so): the pages' rasters are compared in tests/unit/signing/test_signing_corpus.py.
"""

import json
import logging
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from conformance import judges
from conformance.judge import JAR, NEEDS, _found, build
from conformance.judges import Word
from conformance.second_opinion import pyhanko
from corpus.odd_images import ODD
from corpus.pictures import PICTURES
from corpus.scans import SCANS
from storage.domain.gate import Refused, compile_trust, gate
from support.authority import authority
from support.corpus import rebuilt
from support.sealed import sealed_original
from support.settings import REQUIRED

OUT = JAR.parents[1] / "conformance-corpus.json"
LEVELS = ("B-T", "B-LT", "B-LTA")
KEYS: Mapping[str, Callable[[], object]] = {
    "rsa-2048": partial(rsa.generate_private_key, 65537, 2048),
    "rsa-3072": partial(rsa.generate_private_key, 65537, 3072),
    "rsa-4096": partial(rsa.generate_private_key, 65537, 4096),
    "p-256": partial(ec.generate_private_key, ec.SECP256R1()),
    "p-384": partial(ec.generate_private_key, ec.SECP384R1()),
}
KINDS = SCANS | ODD | PICTURES
CORPUS = [f"{kind} B-LT rsa-2048" for kind in KINDS]
MATRIX = [f"small.pdf {level} {key}" for key in KEYS for level in LEVELS]
COPIES = list(dict.fromkeys((*CORPUS, *MATRIX)))


@dataclass(frozen=True)
class Sealed:
    file: Path
    level: str
    trust: Path
    passed: Word
    """What our own gate says of it, against the order."""


@pytest.fixture(scope="module")
def words(tmp_path_factory):
    """Copy → what every judge said; all authorities are up, since pdfsig asks them."""
    missing = {t for tools in NEEDS.values() for t in tools if not _found(t)}
    if missing and not REQUIRED:
        pytest.skip("missing: " + ", ".join(sorted(missing)))
    logging.disable(logging.CRITICAL)  # pyHanko logs what it also says
    folder = tmp_path_factory.mktemp("corpus")
    originals = rebuilt(KINDS, folder)
    with ExitStack() as up:
        copies = _sealed(originals, folder, up)
        opinions = _opinions_on(copies, folder)
    logging.disable(logging.NOTSET)
    report = {name: [asdict(word) for word in each] for name, each in opinions.items()}
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n")
    return opinions


def _sealed(originals, folder, up):
    pkis = {}
    for name, make in KEYS.items():
        own = folder / name
        own.mkdir()
        pkis[name] = up.enter_context(authority(own, officer=make(), seal=make()))
    copies = {}
    for name in COPIES:
        kind, level, key = name.split()
        original = originals[kind]
        made = sealed_original(
            pkis[key], original.content, original.manifest, level=level
        )
        file = folder / f"{name.replace(' ', '-')}.pdf"
        file.write_bytes(made.content)
        root = pkis[key].folder / "root.pem"
        copies[name] = Sealed(file, level, root, _passed(made))
    return copies


def _passed(made):
    digest = sha256(made.content).hexdigest()
    try:
        gate(made.content, made.order, compile_trust(made.trust), digest)
    except Refused as refused:
        return Word("gate", good=False, text=str(refused))
    return Word("gate", good=True, text="passed")


def _opinions_on(copies, folder):
    build()
    roots = folder / "roots.pem"
    trusts = {copy.trust for copy in copies.values()}
    roots.write_text("".join(trust.read_text() for trust in sorted(trusts)))
    files = {copy.file: copy.level for copy in copies.values()}
    java = judges.eu_dss_and_verapdf(files, JAR, roots, render=False)
    nss = judges.nss_database(roots, folder / "nss")
    return {
        name: [
            *java[copy.file],
            judges.pdfsig(copy.file, nss),
            judges.qpdf(copy.file),
            judges.openssl_cms(copy.file, copy.trust, folder),
            judges.openssl_ts(copy.file, copy.trust, folder),
            pyhanko(copy.file, copy.trust, copy.level),
            judges.byte_ranges(copy.file, copy.level),
            copy.passed,
        ]
        for name, copy in copies.items()
    }


@pytest.mark.parametrize("copy", COPIES)
def test_every_judge_accepts_it(words, copy):
    """TOTAL_PASSED at the level claimed and untouched (B-T: sound, revocation alone
    unanswered offline), PDF/A-2b, valid signatures, tokens and ranges; and our own
    gate: nothing is good to strangers that could not be archived."""
    assert len(words[copy]) == len(NEEDS) + 1
    assert [word for word in words[copy] if not word.good] == []
