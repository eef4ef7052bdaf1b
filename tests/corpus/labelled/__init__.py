"""Pages whose faults are known by construction, to measure the desk's flags with.

Nothing here is a real paper: text, tables, seals, handwriting, scanner and camera are
all drawn. Start at ``pages.files``.
"""
