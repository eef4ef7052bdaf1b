"""``python -m onebox``, the same as ``ecopy``."""

import sys

from onebox.cli import main

sys.exit(main())
