"""What a copy, a link and a verdict are: values and decisions, without I/O.

The judgement of a sealed copy is the folder ``gate``: start at ``gate/story.py``, and
for a file that somebody brings at ``verdict``.
"""
