"""A token for curl."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from accounts.models import User
from accounts.tokens import TokenSource


class Command(BaseCommand):
    """Prints what a person's pages would send to the API."""

    help = "Print a five-minute access token of one person."

    def add_arguments(self, parser: CommandParser) -> None:
        """Name the person."""
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print it alone, so that a shell can take it."""
        try:
            user = User.objects.filter(email=options["email"]).first()
        except DatabaseError as exc:
            raise CommandError("there are no accounts yet: scripts/run", returncode=2) from exc
        if user is None:
            known = ", ".join(User.objects.values_list("email", flat=True)[:10]) or "nobody"
            raise CommandError(f"no account {options['email']}; there is {known}", returncode=2)
        self.stdout.write(TokenSource(user).token())
