"""These tests run on widgets."""

from tests.widgets.fixtures import url, widget, widgets

__all__ = ["url", "widget", "widgets"]
