"""Stores that the contract of ``chassis.objects`` is held against."""

import uuid

import pytest

from chassis.objects.opening import open_objects
from chassis.objects.s3 import S3Objects
from chassis.settings import ObjectsSettings


@pytest.fixture(params=["directory", "s3"])
def objects(request, tmp_path):
    if request.param == "directory":
        return open_objects(ObjectsSettings(url=f"file:{tmp_path}/store"))
    server = request.getfixturevalue("s3_server")
    settings = ObjectsSettings(
        url=f"s3://b{uuid.uuid4().hex[:12]}",
        endpoint=server.endpoint,
        access_key=server.access_key,
        secret_key=server.secret_key,
    )
    made = open_objects(settings)
    assert isinstance(made, S3Objects)
    made.make_bucket()
    return made
