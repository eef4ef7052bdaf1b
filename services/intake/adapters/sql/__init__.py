"""Intake's tables on SQLite and PostgreSQL: SQLAlchemy Core, short functions."""
