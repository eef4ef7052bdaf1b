"""Locks that one replica of a service holds at a time, on PostgreSQL."""

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError


class SessionLocks:
    """Each lock lives as long as one connection: a replica that dies lets go of it
    without a word. Each lock is asked for by one task at a time: its connection is not
    shared between threads.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connections: dict[str, Connection] = {}

    def take(self, lock: str) -> bool:
        """Take *lock* or keep it; False while another replica has it.

        Raises OperationalError when the connection is lost, and the lock with it.
        """
        try:
            if lock in self._connections:
                # The lock is as good as its session: a connection that was cut has lost
                # it, and says so here.
                self._connections[lock].execute(text("SELECT 1"))
                return True
            connection = self._engine.connect().execution_options(
                isolation_level="AUTOCOMMIT"
            )
        except OperationalError:
            self._connections.pop(lock, None)
            raise
        if connection.scalar(
            text("SELECT pg_try_advisory_lock(hashtext(current_schema() || :lock))"),
            {"lock": lock},
        ):
            self._connections[lock] = connection
            return True
        connection.close()
        return False

    def close(self) -> None:
        for connection in self._connections.values():
            # Given back to the pool alive, the session would go on holding the lock.
            connection.invalidate()
            connection.close()
        self._connections.clear()
