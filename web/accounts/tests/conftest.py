"""These tests run on widgets."""

from tests.widgets.fixtures import url, views, widget, widgets

__all__ = ["url", "views", "widget", "widgets"]
