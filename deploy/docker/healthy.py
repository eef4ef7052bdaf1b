"""``healthy.py URL``: exit 0 if it answers 200 within two seconds (for compose)."""  # noqa: INP001 - a script of the image

import sys
import urllib.request
from http import HTTPStatus

TIMEOUT_SECONDS = 2.0

with urllib.request.urlopen(sys.argv[1], timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310 - compose says where
    sys.exit(answer.status != HTTPStatus.OK)
