"""What a certified copy is on its way to the seal: values in, values out, nobody
outside.

No file, network, clock or key is touched here. Start at ``copies.py``, the stages of a
copy, then ``attempts.py``, what the journal records of them.
"""
