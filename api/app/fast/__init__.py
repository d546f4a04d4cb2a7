"""The fast path: FastAPI's routes, with the arguments of operations prepared once.

``FastRouter`` takes the place of ``APIRouter``, ``FastRoute`` that of ``APIRoute``. The room knows
no other; without it, and with FastAPI's router in ``http/routing.py``, all works as before.
"""

from app.fast.route import FastRoute
from app.fast.router import FastRouter

__all__ = ["FastRoute", "FastRouter"]
