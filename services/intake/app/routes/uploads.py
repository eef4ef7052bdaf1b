"""Files on their way to a paper: in one form, or in pieces that go on (tus)."""

from typing import Final

from intake.app import acts, tus, uploads
from intake.app.responses import (
    FilesRequest,
    FilesResponse,
    PlacesRequest,
    PlacesResponse,
)
from intake.app.route import ANYBODY, AT_DESK, CLERKS, SENDERS, UPLOADERS, Route

AT_UPLOADS: Final = "/documents/{document}/uploads"
AT_UPLOAD: Final = "/uploads/{upload}"
ROUTES: Final = (
    Route(
        "POST",
        "/documents/{document}/places",
        uploads.reserve,
        CLERKS,
        answer=PlacesResponse,
        takes=PlacesRequest,
    ),
    Route(
        "POST",
        "/documents/{document}/files",
        uploads.upload,
        UPLOADERS,
        answer=FilesResponse,
        takes=FilesRequest,
    ),
    Route("OPTIONS", AT_UPLOADS, tus.offer, ANYBODY, tus=True),
    Route("POST", AT_UPLOADS, tus.begin, SENDERS, tus=True),
    Route("OPTIONS", AT_UPLOAD, tus.offer, ANYBODY, tus=True),
    Route("HEAD", AT_UPLOAD, tus.state, SENDERS, tus=True),
    Route("PATCH", AT_UPLOAD, tus.append, SENDERS, tus=True),
    Route("DELETE", AT_UPLOAD, tus.end, SENDERS, tus=True),
    Route("POST", AT_UPLOAD, tus.overridden, SENDERS, tus=True),
    Route(
        "POST",
        "/documents/{document}/files/{file}/remove",
        acts.remove_file,
        CLERKS,
        f"{AT_DESK}#live-files",
    ),
)
