"""Sessions in Django's table, by plain SQL: its ORM builds the same statement anew each time.

Nothing is cached, so that a sign-out counts at once in every process.
"""

from datetime import datetime
from typing import Any

from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import UpdateError
from django.db import connection
from django.utils import timezone

READ = "SELECT session_data FROM django_session WHERE session_key = %s AND expire_date > %s"
CHANGE = "UPDATE django_session SET session_data = %s, expire_date = %s WHERE session_key = %s"


class SessionStore(db.SessionStore):
    """Django's own; only how it reads and changes a session differs."""

    def load(self) -> dict[str, Any]:
        """Return what is stored; nothing, and no key, when the session has ended."""
        with connection.cursor() as cursor:
            cursor.execute(READ, [self.session_key, moment(timezone.now())])
            row = cursor.fetchone()
        if row is None:
            self._session_key = None
            return {}
        return self.decode(row[0])

    def save(self, must_create: bool = False) -> None:
        """Store it; raise UpdateError if it has ended meanwhile: it must not come back."""
        if must_create or self.session_key is None:
            super().save(must_create=must_create)
            return
        data = self.encode(dict(self.items()))
        with connection.cursor() as cursor:
            cursor.execute(CHANGE, [data, moment(self.get_expiry_date()), self.session_key])
            if cursor.rowcount == 0:
                raise UpdateError


def moment(value: datetime) -> Any:
    """Return a moment as the database's driver takes it."""
    return connection.ops.adapt_datetimefield_value(value)
