"""``python -m onebox.compose``: the same commands as ``ecopy init``, ``ecopy doctor
--compose`` and ``ecopy pin-trust``, for a container that has no onebox to bring up.
``deploy/docker/ecopy`` starts it.
"""

import argparse
import sys

from chassis.starting import CannotStart
from onebox.compose.words import add_folder, add_words, run_doctor
from onebox.plain import complain


def main() -> int:
    """Exit status: 0 done, nothing wrong; 1 something is, said in sentences; 2 words
    that the command does not have.
    """
    parser = argparse.ArgumentParser(prog="ecopy", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="command")
    add_words(commands)
    doctor = commands.add_parser("doctor", help="mistakes in what was laid out")
    doctor.set_defaults(act=run_doctor)
    doctor.add_argument("--json", action="store_true", help="for programs")
    add_folder(doctor)
    needs = parser.parse_args()
    try:
        status: int = needs.act(needs)
    except CannotStart as error:
        complain(error)
        return 1
    return status


if __name__ == "__main__":
    sys.exit(main())
