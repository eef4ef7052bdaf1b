"""Independent judges of a copy: each function asks one and tells its word.

None shares code with the services. EU DSS and veraPDF answer from one warm JVM for
all files of a run: a cold one needs seconds for its first.
"""

import json
import os
import re
import shutil
import ssl
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from conformance.signed_pdf import Signed, revision_ends, signatures

TOOL_SECONDS = 300
DSS_LEVELS = {
    "B-T": "PAdES_BASELINE_T",
    "B-LT": "PAdES_BASELINE_LT",
    "B-LTA": "PAdES_BASELINE_LTA",
}
REVISIONS = {"B-T": {3}, "B-LT": {4}, "B-LTA": {5, 6}}
"""Base, two signatures · security store · document timestamp, and its store."""
UNANSWERED = ("BBB_XCV_SUB_ANS", "BBB_XCV_IRDPFC_ANS")
"""What EU DSS misses in a B-T file when it may not ask anybody."""
PEM = re.compile(
    r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----\n?", re.DOTALL
)
OURS = 2
"""An officer's signature and an agency's seal."""


@dataclass(frozen=True, slots=True)
class Word:
    judge: str
    good: bool
    text: str


Judge = Callable[[Path], Word]


def run(*command: str | Path, **options) -> subprocess.CompletedProcess[str]:
    """Never raises for what the tool thinks of the file."""
    tool = shutil.which(command[0]) or command[0]
    return subprocess.run(
        [str(part) for part in (tool, *command[1:])],
        capture_output=True,
        text=True,
        timeout=TOOL_SECONDS,
        check=False,
        env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
        **options,
    )


# --- EU DSS and veraPDF


def eu_dss_and_verapdf(
    files: Mapping[Path, str], jar: Path, trust: Path, *, render: bool = True
) -> dict[Path, tuple[Word, Word]]:
    """*files*: each with its level; *render*: compare pages as pictures too."""
    names = "".join(f"{file}\n" for file in files)
    how = () if render else ("--no-render",)
    answer = run("java", "-jar", jar, "--trust", trust, *how, "-", input=names)
    lines = [json.loads(line) for line in answer.stdout.splitlines()]
    if len(lines) != names.count("\n"):
        raise RuntimeError(f"the JVM ended early: {answer.stderr[-2000:]}")
    return {
        Path(line["file"]): (
            _dss(line["dss"], files[Path(line["file"])]),
            _pdfa(line["verapdf"]),
        )
        for line in lines
    }


def _dss(found: dict, level: str) -> Word:
    each = found.get("signatures", [])
    stamped = [t["type"] for t in found.get("timestamps", [])]
    good = (
        len(each) == OURS
        and all(s["level"] == DSS_LEVELS[level] and s["untouched"] for s in each)
        and stamped.count("DOCUMENT_TIMESTAMP") == (level == "B-LTA")
        and all(not s["warnings"] for s in each)
        and (_only_unanswered(each) if level == "B-T" else _passed(found, each))
    )
    sentence = "; ".join(_dss_signature(s) for s in each) or "no signature"
    return Word("EU DSS strict", good, found.get("exception", sentence))


def _passed(found: dict, each: list[dict]) -> bool:
    total = all(s["indication"] == "TOTAL_PASSED" for s in each)
    return found["ok"] and total and all(not s["errors"] for s in each)


def _only_unanswered(each: list[dict]) -> bool:
    """Sound, and no word on revocation in it: what B-T is to who asks nobody."""
    return all(
        s["indication"] == "INDETERMINATE"
        and {error.partition(":")[0] for error in s["errors"]} == {*UNANSWERED}
        for s in each
    )


def _dss_signature(found: dict) -> str:
    state = found["indication"]
    if found["subIndication"]:
        state += f" ({found['subIndication']})"
    touched = "untouched" if found.get("untouched") else "changed after signing"
    return (
        f"{found['field']} {state}, {found['level']}, {touched}, by {found['signer']}"
    )


def _pdfa(found: dict) -> Word:
    failed = ", ".join(found.get("failed", ()))
    sentence = "compliant with PDF/A-2b" if found["ok"] else f"fails {failed}"
    return Word("veraPDF 2b", found["ok"], found.get("exception", sentence))


# --- pdfsig and qpdf


def nss_database(trust: Path, folder: Path) -> Path:
    """A fresh NSS database that trusts the roots and nothing else."""
    folder.mkdir()
    run("certutil", "-N", "-d", f"sql:{folder}", "--empty-password").check_returncode()
    for number, pem in enumerate(PEM.findall(trust.read_text())):
        root = folder / f"root{number}.pem"
        root.write_text(pem)
        name = f"root {number}"
        add = ("-A", "-d", f"sql:{folder}", "-n", name, "-t", "C,C,C", "-i", root)
        run("certutil", *add).check_returncode()
    return folder


def pdfsig(file: Path, nss: Path) -> Word:
    """It asks the signers' OCSP responders live: the PKI must be up."""
    text = run("pdfsig", "-nssdir", f"sql:{nss}", file).stdout
    text = text.partition("  - Signature Field Name: Timestamp")[0]  # not its business
    signed = re.findall(r"- Signature Validation: (.*)", text)
    trusted = re.findall(r"- Certificate Validation: (.*)", text)
    names = re.findall(r"- Signer Certificate Common Name: (.*)", text)
    good = (
        len(names) == OURS
        and signed == ["Signature is Valid."] * OURS
        and trusted == ["Certificate is Trusted."] * OURS
    )
    each = zip(names, signed, trusted or [""] * len(signed), strict=False)
    sentence = "; ".join(f"{name}: {s} {t}".strip() for name, s, t in each)
    if signed == ["Signature is Valid."] * OURS and not good:
        sentence += " (is the PKI up? its OCSP responder is asked live)"
    return Word("pdfsig", good, sentence or "no signature")


def qpdf(file: Path) -> Word:
    answer = run("qpdf", "--check", file)
    warnings = [line for line in answer.stderr.splitlines() if "WARNING" in line]
    sentence = warnings[0] if warnings else "no syntax or stream error found"
    return Word("qpdf", answer.returncode == 0, sentence.replace(str(file), file.name))


# --- openssl


def openssl_cms(file: Path, trust: Path, work: Path) -> Word:
    words = [_cms(s, trust, work) for s in signatures(file.read_bytes())[:OURS]]
    good = len(words) == OURS and all(good for good, _ in words)
    return Word("openssl cms", good, "; ".join(sentence for _, sentence in words))


def _cms(signed: Signed, trust: Path, work: Path) -> tuple[bool, str]:
    """``-cades`` checks signing-certificate-v2 too."""
    cms, content, signer = work / "cms.der", work / "content", work / "signer.pem"
    cms.write_bytes(signed.cms)
    content.write_bytes(signed.content)
    answer = run(
        *("openssl", "cms", "-verify", "-cades", "-binary", "-inform", "DER"),
        *("-in", cms, "-content", content, "-out", os.devnull, "-signer", signer),
        *("-purpose", "any", "-CAfile", trust, "-no-CApath", "-no-CAstore"),
    )
    if answer.returncode:
        return False, _last(answer.stderr)
    shown = ("-nameopt", "utf8,sep_comma_plus_space")
    subject = run("openssl", "x509", "-in", signer, "-noout", "-subject", *shown)
    return True, "verified, " + subject.stdout.strip()


def openssl_ts(file: Path, trust: Path, work: Path) -> Word:
    """The signatures' tokens, and the document timestamp if there is one."""
    found = signatures(file.read_bytes())
    asked = [(s.token, s.value) for s in found[:OURS]]
    asked += [(s.cms, s.content) for s in found[OURS:]]
    words = [_ts(token, stamped, trust, work) for token, stamped in asked]
    good = len(words) >= OURS and all(good for good, _ in words)
    return Word("openssl ts", good, "; ".join(sentence for _, sentence in words))


def _ts(encoded: bytes, stamped: bytes, trust: Path, work: Path) -> tuple[bool, str]:
    token, value = work / "token.der", work / "value"
    token.write_bytes(encoded)
    value.write_bytes(stamped)
    asked = ("openssl", "ts", "-verify", "-token_in", "-in", token, "-data", value)
    answer = run(*asked, "-CAfile", trust)
    if answer.returncode:
        return False, _last(answer.stderr)
    shown = run("openssl", "ts", "-reply", "-token_in", "-in", token, "-text").stdout
    time = re.search(r"Time stamp: (.*)", shown)
    return True, f"verified, {time[1] if time else 'no time shown'}"


def _last(text: str) -> str:
    """Of "thread:error:code:library:function:reason:file:line:data" the reason."""
    lines = [line for line in text.splitlines() if ":error:" in line]
    return lines[-1].split(":")[5] if lines else text.strip()[-200:]


# --- the bytes themselves


def byte_ranges(file: Path, level: str = "B-LT") -> Word:
    """Each signature covers all from 0 to the end of its own revision, but its hole;
    the next revision starts there; nothing follows the last revision."""
    data = file.read_bytes()
    ends, found = revision_ends(data), signatures(data)
    sentence = [_range(signed, ends) for signed in found]
    covered = ends[1 : OURS + 1] + (ends[4:5] if level == "B-LTA" else [])
    good = (
        len(ends) in REVISIONS[level]
        and ends[-1] == len(data)
        and [s.end for s in found] == covered
        and all(_whole(signed) for signed in found)
    )
    sentence.append(f"{len(ends)} revisions, file ends at {len(data)}")
    return Word("byte ranges", good, "; ".join(sentence))


def _whole(signed: Signed) -> bool:
    hole = signed.data[signed.before : signed.after]
    return (
        signed.start == 0
        and hole[:1] + hole[-1:] == b"<>"
        and re.fullmatch(rb"[0-9a-fA-F]+", hole[1:-1]) is not None
        and signed.data[: signed.end].endswith(b"%%EOF\n")
    )


def _range(signed: Signed, ends: list[int]) -> str:
    covers = f"0–{signed.before}, {signed.after}–{signed.end}"
    if signed.end not in ends:
        return f"{covers} ends at no revision's end"
    return f"{covers} = end of revision {ends.index(signed.end) + 1}"


def roots_of(trust: Path) -> list[bytes]:
    """The roots as DER."""
    return [ssl.PEM_cert_to_DER_cert(pem) for pem in PEM.findall(trust.read_text())]
