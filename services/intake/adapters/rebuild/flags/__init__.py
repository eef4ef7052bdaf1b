"""What the desk is told of a page's picture: pure functions of small arrays.

Flags are advice: nothing is altered or refused for one. Start at ``seen.seen``.
"""
