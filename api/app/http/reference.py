"""The reference page: Swagger UI, served from here so that it works offline."""

from pathlib import Path

import fastapi_swagger
from fastapi import FastAPI, Response
from fastapi.staticfiles import StaticFiles

ASSETS = Path(fastapi_swagger.__file__).parent / "resources"
# Only its own files. Swagger UI sets style attributes and draws images from data: URLs.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="stylesheet" href="/docs/assets/swagger-ui.css">
<link rel="icon" href="/docs/assets/favicon-32x32.png">
</head>
<body>
<div id="swagger-ui"></div>
<script src="/docs/assets/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
"""
START = """\
SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  persistAuthorization: true,
  tryItOutEnabled: true,
});
"""


def install(app: FastAPI) -> None:
    """Add ``/docs`` and its files."""
    app.mount("/docs/assets", StaticFiles(directory=ASSETS), name="reference-assets")
    headers = {"Content-Security-Policy": POLICY}

    @app.get("/docs", include_in_schema=False)
    async def reference() -> Response:
        return Response(PAGE.format(title=app.title), media_type="text/html", headers=headers)

    @app.get("/docs/start.js", include_in_schema=False)
    async def start() -> Response:
        return Response(START, media_type="text/javascript", headers=headers)
