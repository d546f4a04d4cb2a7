"""The API with widgets, as a program of its own."""

from tests.server import Server
from tests.widgets.models import create_table


class WidgetServer(Server):
    """``python -m tests.widgets.application``."""

    program = ("-m", "tests.widgets.application")

    def migrate(self) -> None:
        """Bring the schema up to date, and add the table of widgets."""
        super().migrate()
        create_table(self.environment["DATABASE_URL"])
