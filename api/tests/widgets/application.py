"""The application with widgets, as a program: ``serve`` with those as well."""

import argparse
import sys

from fastapi import FastAPI

from app import __main__ as program
from app.main import create_app
from app.resources import RESOURCES
from app.settings import Settings
from tests import widgets


def create(settings: Settings | None = None) -> FastAPI:
    """Return the application with what it has, and widgets."""
    return create_app(settings, [*RESOURCES, widgets])


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int)
    parser.add_argument("--workers", type=int)
    program.serve(parser.parse_args(), Settings(), "tests.widgets.application:create")
    sys.exit(0)
