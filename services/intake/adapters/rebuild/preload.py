"""What the worker would import only when a picture asks for it.

The process that forks workers imports this once (``chassis.zygote``), so no file pays
for it. A worker that is started by itself imports each behind its walls, which let it.
"""

# ruff: noqa: F401 - imported for being imported
import numpy.fft
import numpy.ma
import simplejpeg  # type: ignore[import-untyped]

from intake.adapters.rebuild import kinds

kinds.preload()
