"""Command line: ``python -m app {serve,migrate,seed,openapi,token}``."""

import argparse
import asyncio
import atexit
import json
import os
import sys
import tempfile
from importlib import import_module
from pathlib import Path

from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError
from uvicorn.importer import import_from_string

from app.database.pooler import PoolerRefused, refuse_old_pooler
from app.http.declarations import DeclarationError
from app.operations.command_line import Parser, between, why_not
from app.operations.logging import configure_logging
from app.settings import Settings

ROOT = Path(__file__).parent.parent


def serve(args: argparse.Namespace, settings: Settings, app: str = "app.main:create_app") -> None:
    """Serve HTTP until a signal says stop."""
    from app.front.connection import Bounds
    from app.front.server import run

    if reason := why_not(args.host, args.port):
        where = f"--host {args.host} --port {args.port}"
        raise DeclarationError(f"python -m app serve: {where}: {reason}; choose others")
    asyncio.run(refuse_old_poolers(settings))
    if args.workers > 1:
        # A mistake stops the start here: a worker would fail, and be started again, for ever.
        import_from_string(app)()
        # Workers share their counts in this folder (operations/metrics.py).
        folder = tempfile.TemporaryDirectory(prefix="metrics-")
        atexit.register(folder.cleanup)
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder.name
    run(
        settings.drain_seconds,
        settings.stop_timeout_seconds,
        Bounds(
            settings.max_head_bytes, settings.head_timeout_seconds, settings.send_timeout_seconds
        ),
        app=app,
        factory=True,
        host=args.host,
        port=args.port,
        workers=args.workers,
        log_config=configure_logging(settings.log_level),  # each worker applies it
        access_log=False,  # telemetry.py writes one line a request
        server_header=False,
        proxy_headers=False,  # TRUSTED_PROXIES says how many are trusted (front/addresses.py)
        timeout_worker_healthcheck=60,  # a worker may start slowly on a busy machine
        timeout_keep_alive=75,  # longer than clients keep idle connections
    )


async def refuse_old_poolers(settings: Settings) -> None:
    """Raise PoolerRefused if a database is behind a pooler that cannot be used."""
    await refuse_old_pooler("DATABASE_URL", settings.database_url)
    await refuse_old_pooler("READ_DATABASE_URL", settings.read_database_url)


def migrate(args: argparse.Namespace, settings: Settings) -> None:
    """Migrate the database to the newest revisions."""
    from alembic import command  # a worker, which does not migrate, has no memory for it
    from alembic.config import Config
    from alembic.util import CommandError

    try:
        command.upgrade(Config(ROOT / "alembic.ini"), "heads")
    except CommandError as error:
        raise DeclarationError(str(error)) from error


def seed(args: argparse.Namespace, settings: Settings) -> None:
    """Fill an empty database with the sample, if it is here; change no other database."""
    if (ROOT / "app" / "sample" / "__init__.py").is_file():
        said = asyncio.run(import_module("app.sample").seed(settings))
        print(said)  # noqa: T201


def make_key(args: argparse.Namespace, settings: Settings) -> None:
    """Make the key of this machine's own issuer, if that is the one to trust."""
    from app import development

    if Path(settings.auth_jwks).absolute() == development.JWKS_FILE:
        development.find_or_make_key()


def openapi(args: argparse.Namespace, settings: Settings) -> None:
    """Print the document that this code serves."""
    from app.main import create_app

    document = create_app(settings).openapi()
    print(json.dumps(document, indent=2, ensure_ascii=False))  # noqa: T201


def token(args: argparse.Namespace, settings: Settings) -> None:
    """Print an access token, for development without a UI."""
    from app.development import make_token

    print(make_token(settings, args.scope))  # noqa: T201


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = Parser(prog="python -m app", description=__doc__)
    parser.set_defaults(prepare=False)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for run in (serve, migrate, seed, openapi, token):
        sub = commands.add_parser(run.__name__, help=run.__doc__, description=run.__doc__)
        sub.set_defaults(run=run)
        if run is serve:
            sub.add_argument("--host", default="127.0.0.1")
            sub.add_argument("--port", type=between(0, 65535), default=8000)
            sub.add_argument("--workers", type=between(1, 1000), default=1)
            text = (
                "first migrate, fill an empty database with the sample if it is here, and make the"
            )
            text += " key of this machine's own issuer if AUTH_JWKS is that"
            sub.add_argument("--prepare", action="store_true", help=text)
        if run is token:
            sub.add_argument("--scope", default=None, help="blank-separated; all by default")
    return parser


def main() -> int:
    """Run a command; a bad setting or declaration prints one line, exit code 2."""
    args = parser().parse_args()
    try:
        settings = Settings()
    except ValidationError as error:
        for problem in error.errors():
            name = ".".join(map(str, problem["loc"])).upper()
            print(f"{name}: {problem['msg']}" if name else problem["msg"], file=sys.stderr)  # noqa: T201
        return 2
    configure_logging(settings.log_level)
    try:
        for run in [migrate, seed, make_key, args.run] if args.prepare else [args.run]:
            run(args, settings)
    except (DeclarationError, PoolerRefused) as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 2
    except DBAPIError as error:
        reason = str(error).splitlines()[0]
        text = f"DATABASE_URL: {reason}; is the database there, and migrated?"
        print(text, file=sys.stderr)  # noqa: T201
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
