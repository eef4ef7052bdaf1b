"""Forged copies, each wrong in one way, with the reason that must refuse it.

Outsiders need no key. The others can only be made by who holds the keys: a faulty,
misled or stolen signing service. The digest given to the gate is the forged file's
own: what refuses is the defect, never the digest.
"""

from support.forgeries_archival import ARCHIVAL
from support.forgeries_base import BASES
from support.forgeries_certificates import CERTIFICATES
from support.forgeries_cms import CMS
from support.forgeries_images import IMAGES
from support.forgeries_outsiders import OUTSIDERS
from support.forgeries_shape import SHAPES
from support.forgeries_signatures import SIGNATURES

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
