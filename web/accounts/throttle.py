"""Slows down the guessing of passwords: by account and address, by address, by account.

No limit locks for good: when its burst is used up, one more try is free every so many seconds. A
device that this account signed in from has a limit of its own, and an address that it signed in
from is not held up by failures elsewhere, so nobody keeps the owner out from afar.
"""

import secrets
import time
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from random import random

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

from accounts.addresses import client_network
from accounts.models import SignInLimit

DEVICE_SECONDS = 365 * 24 * 3600  # a device is known for so long after its last sign-in
ADDRESS_SECONDS = 30 * 24 * 3600  # an address likewise
MAX_ROWS = 100_000
PURGE_SHARE = 0.02  # of all tries
GRACE_SECONDS = 60  # a row is purged so long after it ended, so that no try in progress misses it


@dataclass(frozen=True, slots=True)
class Limit:
    """``burst`` failures at once, then one try every ``seconds``."""

    burst: int
    seconds: float

    def wait(self, until: float, now: float) -> float:
        """Return the seconds until another try is free; 0 or less when it is now."""
        return max(until, now) + self.seconds - (now + self.burst * self.seconds)


# Tries in progress count, so the bursts leave room for people who sign in at the same moment.
ACCOUNT_AND_ADDRESS = Limit(burst=8, seconds=60)
DEVICE = Limit(burst=10, seconds=30)
ADDRESS = Limit(burst=30, seconds=15)
ACCOUNT = Limit(burst=20, seconds=60)


class Attempt:
    """One try to sign in. It counts as a failure before the password is checked."""

    def __init__(self, request: HttpRequest, username: str) -> None:
        account, network = account_of(username), client_network(request)
        device = known_device(request, account)
        self._account = account
        self._own = key("device", account, device) if device else key("both", account, network)
        self._of_account = key("account", account)
        self._of_address = key("address", network)
        self._known_address = key("known", account, network)
        self.seconds = self._begin(is_known=bool(device))

    def _begin(self, *, is_known: bool) -> float:
        now = time.time()
        if random() < PURGE_SHARE:  # noqa: S311  no secret
            purge(now)
        if is_known:
            return reserve({self._own: DEVICE}, now)
        limits = {self._own: ACCOUNT_AND_ADDRESS, self._of_address: ADDRESS}
        known = SignInLimit.objects.filter(key=self._known_address, until__gt=now)
        if not known.exists():
            limits[self._of_account] = ACCOUNT
        return reserve(limits, now)

    def succeed(self) -> None:
        """Take back what was counted; for the account, all of it.

        The address loses this try only: whoever has one account could else guess others for ever.
        """
        now = time.time()
        SignInLimit.objects.filter(key__in=[self._own, self._of_account]).delete()
        address = SignInLimit.objects.filter(key=self._of_address, until__gt=now)
        address.update(until=F("until") - ADDRESS.seconds)
        SignInLimit.objects.update_or_create(
            key=self._known_address, defaults={"until": now + ADDRESS_SECONDS}
        )

    def remember_device(self, response: HttpResponse) -> None:
        """Set the cookie that proves that this account signed in from this browser."""
        response.set_cookie(
            settings.DEVICE_COOKIE_NAME,
            signer().sign(f"{self._account}.{secrets.token_urlsafe(12)}"),
            max_age=DEVICE_SECONDS,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )


@transaction.atomic
def reserve(limits: Mapping[str, Limit], now: float) -> float:
    """Count one failure against every limit and return 0; or count none and return the wait."""
    fresh = [SignInLimit(key=name, until=now) for name in sorted(limits)]
    # Rows exist before they are locked, in one order: twenty tries at once count as twenty.
    SignInLimit.objects.bulk_create(fresh, ignore_conflicts=True)
    rows = list(SignInLimit.objects.select_for_update().filter(key__in=limits).order_by("key"))
    wait = max(limits[row.key].wait(row.until, now) for row in rows)
    if wait > 0:
        return wait
    for row in rows:
        row.until = max(row.until, now) + limits[row.key].seconds
    SignInLimit.objects.bulk_update(rows, ["until"])
    return 0


def purge(now: float) -> None:
    """Delete rows that have ended; if there are too many, also those that end first."""
    SignInLimit.objects.filter(until__lt=now - GRACE_SECONDS).delete()
    surplus = SignInLimit.objects.count() - MAX_ROWS
    if surplus > 0:
        oldest = SignInLimit.objects.order_by("until").values("key")[:surplus]
        SignInLimit.objects.filter(key__in=oldest).delete()


def account_of(username: str) -> str:
    """Return a name for the account, whether it exists or not, without its email address."""
    return key("name", unicodedata.normalize("NFKC", username).strip().casefold())[:32]


def known_device(request: HttpRequest, account: str) -> str:
    """Return the device's id if this account signed in there; else an empty string."""
    try:
        value = signer().unsign(
            request.COOKIES.get(settings.DEVICE_COOKIE_NAME, ""), max_age=DEVICE_SECONDS
        )
    except signing.BadSignature:
        return ""
    name, _, device = value.partition(".")
    return device if name == account else ""


def signer() -> signing.TimestampSigner:
    """Return the signer of the devices' cookies."""
    return signing.TimestampSigner(salt="accounts.device")


def key(*parts: str) -> str:
    """Return a key from which nobody can read its parts."""
    return salted_hmac("accounts.throttle", "\0".join(parts), algorithm="sha256").hexdigest()
