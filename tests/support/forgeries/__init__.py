"""Forged copies, each wrong in one way, with the reason that must refuse it.

Outsiders need no key. The others can only be made by who holds the keys: a faulty,
misled or stolen signing service. The digest given to the gate is the forged file's
own: what refuses is the defect, never the digest.
"""

from support.forgeries.archival import ARCHIVAL
from support.forgeries.base import BASES
from support.forgeries.certificates import CERTIFICATES
from support.forgeries.cms import CMS
from support.forgeries.images import IMAGES
from support.forgeries.outsiders import OUTSIDERS
from support.forgeries.shape import SHAPES
from support.forgeries.signatures import SIGNATURES

FORGERIES = (
    *OUTSIDERS,
    *BASES,
    *SHAPES,
    *IMAGES,
    *SIGNATURES,
    *CMS,
    *CERTIFICATES,
    *ARCHIVAL,
)
