"""One machine, the embedded default: nats-server, SQLite, directories, development PKI.

Consumes and publishes nothing. It starts the three services as processes, keeps them
up, and tells the demo's story through the forms that a clerk uses. It never imports
a service. State: ``var/``.
"""
