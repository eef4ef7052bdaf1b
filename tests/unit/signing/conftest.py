"""One served development authority for the whole run."""

import pytest

from support.authority import authority


@pytest.fixture(scope="session")
def pki(tmp_path_factory):
    with authority(tmp_path_factory.mktemp("authority")) as served:
        yield served
