"""Who may sign in: an address and a password; what they may do is their groups."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.db import connection, models
from django.utils.functional import cached_property

PERSON = """
SELECT person.*, role.name AS role FROM accounts_user person
LEFT JOIN accounts_user_groups held ON held.user_id = person.id
LEFT JOIN auth_group role ON role.id = held.group_id
WHERE person.id = %s
"""


class UserManager(BaseUserManager["User"]):
    """Makes users by their email address, and reads them as pages need them."""

    def get(self, *args: Any, **kwargs: Any) -> "User":
        """Return one person; by ``pk``, as Django reads who is signed in, with their ``roles``.

        That is one query a page where Django's own way takes two. It is here and not in a backend
        of ours: a session names its backend, and a replica of another release may not know it.
        """
        if args or kwargs.keys() != {"pk"}:
            return super().get(*args, **kwargs)
        rows = list(self.raw(PERSON, [kwargs["pk"]]))
        if not rows:
            raise self.model.DoesNotExist
        rows[0].roles = [role for row in rows if (role := vars(row)["role"])]
        return rows[0]

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create a person; without a password nobody can sign in as them."""
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create what ``manage.py createsuperuser`` asks for."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractUser):
    """A person, known by their email address."""

    username = None  # type: ignore[assignment]
    email = models.EmailField("email", unique=True)
    # How often something was sent to the API for them; see core/last_known.py.
    writes = models.PositiveBigIntegerField(default=0, db_default=0, editable=False)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = UserManager()  # type: ignore[assignment,misc]

    def __str__(self) -> str:
        return self.email

    @cached_property
    def roles(self) -> list[str]:
        """Return the names of the person's groups; UserManager.get reads them with the person."""
        return list(self.groups.values_list("name", flat=True))

    def count_write(self) -> None:
        """Let no process use again what this person was answered until now."""
        with connection.cursor() as cursor:
            cursor.execute("UPDATE accounts_user SET writes = writes + 1 WHERE id = %s", [self.pk])


class SignInLimit(models.Model):
    """The use of one limit, as the moment at which all of it is free again (GCRA)."""

    key = models.CharField(max_length=64, primary_key=True)
    until = models.FloatField(db_index=True)  # seconds since 1970

    def __str__(self) -> str:
        return self.key
