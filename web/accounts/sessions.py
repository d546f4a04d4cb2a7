"""Sessions in Django's table, read by plain SQL: its ORM builds the same query anew each time.

Nothing is cached, so that a sign-out counts at once in every process.
"""

from typing import Any

from django.contrib.sessions.backends import db
from django.db import connection
from django.utils import timezone

SESSION = "SELECT session_data FROM django_session WHERE session_key = %s AND expire_date > %s"


class SessionStore(db.SessionStore):
    """Django's own; only how it reads differs."""

    def load(self) -> dict[str, Any]:
        """Return what is stored; nothing, and no key, when the session has ended."""
        with connection.cursor() as cursor:
            now = connection.ops.adapt_datetimefield_value(timezone.now())
            cursor.execute(SESSION, [self.session_key, now])
            row = cursor.fetchone()
        if row is None:
            self._session_key = None
            return {}
        return self.decode(row[0])
