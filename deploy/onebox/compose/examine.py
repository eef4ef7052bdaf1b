"""``ecopy doctor --compose``: what would keep these files from making a house.

It only looks, and each sentence names a cause that was looked for. Start at
``examine``.
"""

from collections.abc import Iterator
from datetime import datetime

from onebox.compose.agency_checks import check_agencies
from onebox.compose.defect import Defect
from onebox.compose.env_checks import check_env
from onebox.compose.key_checks import check_keys
from onebox.compose.laid import Laid
from onebox.compose.reading import read_toml
from onebox.compose.secret_checks import check_secrets
from onebox.compose.shapes import AgenciesToml, KeysToml
from onebox.compose.tls_checks import check_tls
from onebox.compose.trust_checks import check_trust


def examine(laid: Laid, now: datetime) -> Iterator[Defect]:
    """Every mistake in the files of *laid*, each once."""
    if not (laid.root / "compose.yaml").is_file():
        yield Defect(
            "no-compose",
            str(laid.root / "compose.yaml"),
            "không có tệp này: chạy lệnh trong thư mục của ecopy",
            "it is not there: run this in the folder of ecopy",
        )
        return
    yield from check_env(laid)
    yield from check_tls(laid, now)
    yield from check_secrets(laid)
    keys = read_toml(laid.keys, laid.shown(laid.keys), KeysToml)
    agencies = read_toml(laid.agencies, laid.shown(laid.agencies), AgenciesToml)
    yield from check_agencies(agencies, keys, now.date())
    found, certificates = check_keys(laid, keys, now)
    yield from found
    yield from check_trust(laid, keys, certificates, now)
