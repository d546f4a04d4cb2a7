"""What a start needs: tables, hashed static files, and in development the demo accounts."""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    """Runs the three in one process, which starts Django once."""

    help = "Migrate the accounts, collect static files; in development make demo accounts."

    def handle(self, *args: Any, **options: Any) -> None:
        """Say where the UI will be, and the sign-ins."""
        call_command("migrate", verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        self.stdout.write(f"Corner Shop  {settings.PUBLIC_URL}")
        if settings.DEVELOPMENT:
            call_command("demo_accounts", stdout=self.stdout)
