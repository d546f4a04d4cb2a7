"""Sessions in Django's table, by plain SQL: its ORM builds the same statement anew each time.

Nothing is cached, so that a sign-out counts at once in every process.
"""

from datetime import datetime
from typing import Any

from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import VALID_KEY_CHARS, CreateError, UpdateError
from django.db import connection
from django.utils import timezone
from django.utils.crypto import get_random_string, salted_hmac

READ = "SELECT session_data FROM django_session WHERE session_key = %s AND expire_date > %s"
MOST_WAITING = 8  # sessions of one person who has to sign in to go on
WAITING = "waiting-"  # before the keys of those
CHANGE = "UPDATE django_session SET session_data = %s, expire_date = %s WHERE session_key = %s"


class SessionStore(db.SessionStore):
    """Django's own; only how it reads and changes a session differs."""

    has_lost = False  # whether it waited for a person to sign in, and is not there any more

    def load(self) -> dict[str, Any]:
        """Return what is stored; nothing, and no key, when the session has ended."""
        with connection.cursor() as cursor:
            cursor.execute(READ, [self.session_key, moment(timezone.now())])
            row = cursor.fetchone()
        if row is None:
            self.has_lost = (self.session_key or "").startswith(WAITING)
            self._session_key = None
            return {}
        return self.decode(row[0])

    def is_empty(self) -> bool:
        """Tell whether its cookie can go; one that has lost something stays until this is told."""
        return not self.has_lost and super().is_empty()

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

    def wait_for(self, person: str) -> int:
        """Become a session that waits for a person to sign in; return how many older ones ended.

        Of each person only the newest few wait, so that they cannot fill the database.
        """
        digest = salted_hmac("accounts.sessions", person, algorithm="sha256").hexdigest()
        prefix = f"{WAITING}{digest[:12]}"
        if not (self.session_key or "").startswith(prefix):
            data = dict(self.items())
            self.flush()
            self.update(data)
            self._begin(prefix)
        waiting = self.model.objects.filter(session_key__startswith=prefix)
        older = waiting.exclude(session_key=self.session_key).order_by("-expire_date")
        keys = list(older.values_list("session_key", flat=True)[MOST_WAITING - 1 :])
        return int(self.model.objects.filter(session_key__in=keys).delete()[0]) if keys else 0

    def _begin(self, prefix: str) -> None:
        while True:
            self._session_key = prefix + get_random_string(20, VALID_KEY_CHARS)
            try:
                self.save(must_create=True)
            except CreateError:  # there is one of that name
                continue
            self.modified = True
            return


def moment(value: datetime) -> Any:
    """Return a moment as the database's driver takes it."""
    return connection.ops.adapt_datetimefield_value(value)
