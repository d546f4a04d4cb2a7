"""OpenTelemetry: sends a span for each request. Imported only if there is a collector.

The framework makes the spans; this joins them with the trace id of logs and problems, and keeps
what people search for out of them. The SDK reads its other variables itself: OTEL_SERVICE_NAME,
OTEL_TRACES_SAMPLER, OTEL_EXPORTER_OTLP_HEADERS and so on.
"""

import os

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import Span, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import get_current_span
from starlette.types import ASGIApp, Receive, Scope, Send

from app.http.scope import request_scope

SERVICE = "corner-shop-api"


class WithoutQuery(SpanProcessor):
    """Removes the query string, which has what people typed, from each span."""

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        """Overwrite the attribute; it cannot be removed."""
        if span.attributes and "url.query" in span.attributes:
            span.set_attribute("url.query", "")


def create_provider(endpoint: str) -> TracerProvider:
    """Return a provider that sends spans in batches, from a thread of its own."""
    name = os.environ.get("OTEL_SERVICE_NAME", SERVICE)
    provider = TracerProvider(resource=Resource.create({SERVICE_NAME: name}))
    provider.add_span_processor(WithoutQuery())
    exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces")
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return provider


class TraceContextMiddleware:
    """Makes the span's ids those of the request's logs and answers."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run one request."""
        span = get_current_span().get_span_context()
        if scope["type"] == "http" and span.is_valid:
            request_scope(scope)["span_id"] = f"{span.span_id:016x}"
            value = f"00-{span.trace_id:032x}-{span.span_id:016x}-{span.trace_flags:02x}"
            others = [header for header in scope["headers"] if header[0] != b"traceparent"]
            scope["headers"] = [*others, (b"traceparent", value.encode())]
        await self.app(scope, receive, send)
