"""One served development authority for the whole run."""

from collections.abc import Iterator

import pytest

from support import signing


@pytest.fixture(scope="session")
def pki(tmp_path_factory) -> Iterator[signing.Pki]:
    with signing.authority(tmp_path_factory.mktemp("authority")) as served:
        yield served
