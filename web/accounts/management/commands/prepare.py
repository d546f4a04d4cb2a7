"""What a start needs: a free port, tables, hashed static files, in development demo accounts."""

import socket
from io import StringIO
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError


class Command(BaseCommand):
    """Runs them in one process, which starts Django once."""

    help = "Migrate the accounts, collect static files; in development make demo accounts."

    def add_arguments(self, parser: CommandParser) -> None:
        """Name the port that will be served."""
        parser.add_argument("--port", type=int, default=8001)

    def handle(self, *args: Any, **options: Any) -> None:
        """Say where the UI will be, and the sign-ins."""
        check_port(options["port"])
        call_command("check", stdout=StringIO())
        try:
            call_command("migrate", verbosity=0)
        except OperationalError as exc:
            raise CommandError(f"DATABASE_URL: {str(exc).splitlines()[0]}", returncode=2) from exc
        call_command("collectstatic", interactive=False, verbosity=0)
        self.stdout.write(f"Corner Shop  {settings.PUBLIC_URL}")
        if settings.DEVELOPMENT:
            call_command("demo_accounts", stdout=self.stdout)


def check_port(port: int) -> None:
    """Refuse a port that is taken, before the server says so in many lines."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except (OSError, OverflowError):
            message = f"port {port} cannot be had; choose another with --port"
            raise CommandError(message, returncode=2) from None
