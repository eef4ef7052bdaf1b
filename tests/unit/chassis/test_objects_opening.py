"""The object store that the settings name."""

import pytest

from chassis.objects.opening import open_objects
from chassis.settings import ObjectsSettings


async def test_a_folder_may_have_a_colon_in_its_name(tmp_path):
    """The first colon ends the scheme, and only that one."""
    folder = tmp_path / "a:b"
    folder.mkdir()
    store = open_objects(ObjectsSettings(url=f"file:{folder}"))
    await store.put("one", b"content")
    assert (folder / "one").read_bytes() == b"content"


@pytest.mark.parametrize("url", ["folder", "https://example/bucket", "FILE:/x"])
def test_no_other_address_names_a_store(url):
    with pytest.raises(ValueError, match="file:/dir"):
        open_objects(ObjectsSettings(url=url))
