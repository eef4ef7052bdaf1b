"""EU DSS on the same job, in one warm JVM: CPU of its process a copy."""

import shutil
import subprocess

from bench.figures import ROOT
from bench.orders import Material
from support.settings import REQUIRED

POM = ROOT / "tests/bench/dss/pom.xml"
JAR = ROOT / "build/bench-dss/bench.jar"
WARM_UP, RUNS = 60, 60


def eu_dss(material: Material) -> float | None:
    """Milliseconds; None, and said so, where there is no JDK or no Maven."""
    if missing := [tool for tool in ("java", "mvn") if shutil.which(tool) is None]:
        notice = f"signing.seal_bt_of_eu_dss not measured: no {', '.join(missing)}"
        if REQUIRED:
            raise SystemExit(notice)
        print(notice)
        return None
    subprocess.run(["mvn", "-q", "-B", "-f", POM, "package"], check=True)
    folder = material.folder
    command = [
        *("java", "-jar", JAR, folder / "pki", folder / "draft.pdf"),
        *(folder / "dss.pdf", material.pki.tsa_url, str(WARM_UP), str(RUNS)),
    ]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    return float(done.stdout)
