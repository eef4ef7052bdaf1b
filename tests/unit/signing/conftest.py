"""One served development authority for the whole run."""

from collections.abc import Iterator

import pytest

from support.authority import Pki, authority


@pytest.fixture(scope="session")
def pki(tmp_path_factory) -> Iterator[Pki]:
    with authority(tmp_path_factory.mktemp("authority")) as served:
        yield served
