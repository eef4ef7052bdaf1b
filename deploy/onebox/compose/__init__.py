"""What an operator of ``compose.yaml`` lays out: written by ``ecopy init``, looked
through by ``ecopy doctor --compose``.

``laid`` says where each file lies. ``asking`` and ``writing`` make them; ``examine``
calls one module of checks for each kind of file. Nothing here needs a service's code:
pins are made by ``python -m signing pin-trust`` in a process of its own.
"""
