"""What every service runs on: bus, outbox, objects, database, settings, logs, process.

Knows no business rule. May import ``ecopy``; must not import a service.
"""
