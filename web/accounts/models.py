"""Who may sign in: an address and a password; what they may do is their groups."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.db import connection, models
from django.utils.functional import cached_property


class UserManager(BaseUserManager["User"]):
    """Makes users by their email address."""

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
        """Return the names of the person's groups; the backend reads them with the person."""
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
