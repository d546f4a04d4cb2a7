"""The router of every resource: FastAPI's ``APIRouter``, whose operations take the fast path.

To do without it, remove ``app/fast`` and write ``from fastapi import APIRouter`` here.
"""

from app.fast import FastRouter as APIRouter

__all__ = ["APIRouter"]
