"""Ask every independent judge about a copy, then each about an altered one.

    python tests/conformance/judge.py --copy FILE --trust ROOTS.pem [--require]

Prints one line per judge and per altered file. Exit status: 0 when all say good and
refuse what they must; 1 when not; 2 on wrong usage; 3 when a tool is missing (1 with
``--require``). pdfsig asks OCSP live: the PKI that signed must be up.
"""

import argparse
import hashlib
import json
import logging
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from conformance import judges  # noqa: E402 - after the path
from conformance.alter import ALTERED, UNHARMED, Alteration  # noqa: E402
from conformance.judges import Judge, Word  # noqa: E402
from conformance.second_opinion import pyhanko  # noqa: E402

BUILD = HERE.parents[1] / "build"
JAR = BUILD / "conformance" / "conformance.jar"
PACKAGES = {
    "java": "a JDK 17",
    "mvn": "Maven 3.8",
    "pdfsig": "poppler-utils",
    "certutil": "libnss3-tools",
    "qpdf": "qpdf",
    "openssl": "openssl",
}
NEEDS = {
    "EU DSS strict": ("java", "mvn"),
    "veraPDF 2b": ("java", "mvn"),
    "pdfsig": ("pdfsig", "certutil"),
    "qpdf": ("qpdf",),
    "openssl cms": ("openssl",),
    "openssl ts": ("openssl",),
    "pyHanko": (),
    "byte ranges": (),
}


@dataclass(frozen=True, slots=True)
class Trial:
    """A file for a judge, and what it must say of it."""

    file: Path
    what: str
    accept: bool


@dataclass(frozen=True, slots=True)
class Judgement:
    trial: Trial
    word: Word

    @property
    def right(self) -> bool:
        return self.word.good == self.trial.accept

    def line(self) -> str:
        mark = "✓" if self.right else "✗"
        if self.trial.what == "copy":
            verdict = "good" if self.word.good else "BAD"
            return f"{mark} {self.word.judge}: {verdict} · {self.word.text}"
        asked = "accepts" if self.trial.accept else "refuses altered"
        answer = "yes" if self.right else "NO"
        what = self.trial.what
        return f"{mark}   {self.word.judge} {asked} {what}: {answer} · {self.word.text}"


def main() -> int:
    logging.disable(logging.CRITICAL)  # pyHanko logs what it also says
    needs = _arguments()
    missing = {tool for tools in NEEDS.values() for tool in tools if not _found(tool)}
    judgements: list[Judgement] = []
    with tempfile.TemporaryDirectory() as work:
        copy, trust = needs.copy.resolve(), needs.trust.resolve()
        asked = _ask(copy, trust, missing, Path(work), render=not needs.no_render)
        for each in asked:
            print(each.line(), flush=True)
            judgements.append(each)
    for tool in sorted(missing):
        print(f"✗ missing: {tool} (install {PACKAGES[tool]})")
    _write(needs.out, needs.copy, judgements, missing)
    wrong = sum(not each.right for each in judgements)
    if wrong or (missing and needs.require):
        print(
            f"conformance: {wrong} wrong of {len(judgements)}, {len(missing)} missing"
        )
        return 1
    print(f"conformance: {len(judgements)} words, all as they must be")
    return 3 if missing else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="judge.py")
    parser.add_argument("--copy", type=Path, required=True)
    parser.add_argument("--trust", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=BUILD / "conformance.json")
    parser.add_argument("--require", action="store_true", help="a missing tool fails")
    parser.add_argument(
        "--no-render", action="store_true", help="EU DSS compares no pictures: faster"
    )
    needs = parser.parse_args()
    for file in (needs.copy, needs.trust):
        if not file.is_file():
            parser.error(f"{file} does not exist")
    return needs


def _found(tool: str) -> bool:
    return shutil.which(tool) is not None or (tool == "mvn" and JAR.exists())


def _ask(
    copy: Path, trust: Path, missing: set[str], work: Path, *, render: bool
) -> Iterator[Judgement]:
    files: dict[Alteration, Path] = {}
    asked = [name for name, tools in NEEDS.items() if not missing.intersection(tools)]
    trials = {name: list(_trials(name, copy, files, work)) for name in asked}
    courts = _courts(trials, trust, work, render=render)
    for name in asked:
        for trial in trials[name]:
            yield Judgement(trial, courts[name](trial.file))


def _trials(
    judge: str, copy: Path, files: dict[Alteration, Path], work: Path
) -> Iterator[Trial]:
    yield Trial(copy, "copy", accept=True)
    for table, accept in ((UNHARMED, True), (ALTERED, False)):
        for alter in table.get(judge, ()):
            name = alter.__name__
            if alter not in files:
                files[alter] = work / f"{name}.pdf"
                files[alter].write_bytes(alter(copy.read_bytes()))
            yield Trial(files[alter], name.replace("_", " "), accept)


def _courts(
    trials: dict[str, list[Trial]], trust: Path, work: Path, *, render: bool
) -> dict[str, Judge]:
    courts: dict[str, Judge] = {
        "qpdf": judges.qpdf,
        "openssl cms": partial(judges.openssl_cms, trust=trust, work=work),
        "openssl ts": partial(judges.openssl_ts, trust=trust, work=work),
        "pyHanko": partial(pyhanko, trust=trust),
        "byte ranges": judges.byte_ranges,
    }
    if "pdfsig" in trials:
        nss = judges.nss_database(trust, work / "nss")
        courts["pdfsig"] = partial(judges.pdfsig, nss=nss)
    if "veraPDF 2b" in trials:
        build()
        both = (*trials["EU DSS strict"], *trials["veraPDF 2b"])
        files = {trial.file: "B-LT" for trial in both}
        words = judges.eu_dss_and_verapdf(files, JAR, trust, render=render)
        courts["EU DSS strict"] = lambda file: words[file][0]
        courts["veraPDF 2b"] = lambda file: words[file][1]
    return courts


def build() -> None:
    """Make the Java judges when their sources are newer than the jar."""
    sources = [HERE / "dss" / "pom.xml", *(HERE / "dss").rglob("*.java")]
    newest = max(source.stat().st_mtime for source in sources)
    if JAR.exists() and (JAR.stat().st_mtime >= newest or not shutil.which("mvn")):
        return
    print("building the Java judges with Maven…", flush=True)
    pom = HERE / "dss" / "pom.xml"
    subprocess.run(["mvn", "-q", "-B", "-f", str(pom), "package"], check=True)


def _write(
    out: Path, copy: Path, judgements: list[Judgement], missing: set[str]
) -> None:
    out.parent.mkdir(parents=True, exist_ok=True)
    words = [
        {
            "judge": each.word.judge,
            "file": each.trial.what,
            "must_accept": each.trial.accept,
            "accepted": each.word.good,
            "text": each.word.text,
        }
        for each in judgements
    ]
    found = {
        "copy": str(copy),
        "sha256": hashlib.sha256(copy.read_bytes()).hexdigest(),
        "missing": sorted(missing),
        "words": words,
    }
    out.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n")


if __name__ == "__main__":
    sys.exit(main())
