"""Two people to try the UI with."""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from accounts.roles import EDITORS, VIEWERS

DEMO = {"editor@example.com": EDITORS, "viewer@example.com": VIEWERS}
PASSWORD = "corner-shop-demo"  # noqa: S105  printed at each start, and refused in production


class Command(BaseCommand):
    """Creates what is missing; a second run changes nothing."""

    help = "Create editor@example.com and viewer@example.com; refused in production."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print each sign-in."""
        if not settings.DEVELOPMENT:
            raise CommandError("demo accounts are for development; see createsuperuser")
        for email, role in DEMO.items():
            user = User.objects.filter(email=email).first()
            if user is None:
                user = User.objects.create_user(email, PASSWORD)
                user.groups.add(Group.objects.get(name=role))
            self.stdout.write(f"{email}  {PASSWORD}")
