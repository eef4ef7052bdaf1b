"""The storm: seeded faults over the real processes, judged from the client's side.

``house`` is what is struck, ``plan`` draws the faults from a seed, ``faults`` does
them, ``client`` is the people at the desk, ``checker`` judges what they were answered.
Start at ``__main__``.
"""
