"""What scanners left in their folders, until a clerk assigns it."""

from typing import Final

from intake.app import inbox
from intake.app.route import AT_INBOX, CLERKS, Route

ROUTES: Final = (
    Route("GET", "/inbox", inbox.page, CLERKS),
    Route("GET", "/inbox/{arrival}/pages/{page}/thumb", inbox.thumb, CLERKS),
    Route("GET", "/inbox/{arrival}/pages/{page}/large", inbox.large, CLERKS),
    Route("POST", "/inbox/assign", inbox.assign, CLERKS, AT_INBOX),
    Route("POST", "/inbox/new-case", inbox.new_case, CLERKS, AT_INBOX),
    Route("POST", "/inbox/{arrival}/give-back", inbox.give_back, CLERKS, AT_INBOX),
    Route("POST", "/inbox/{arrival}/set-aside", inbox.set_aside, CLERKS, AT_INBOX),
)
