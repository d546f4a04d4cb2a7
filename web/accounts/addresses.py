"""The address that a request came from, behind the configured number of proxies."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

UNKNOWN = "unknown"  # a Unix socket, for example


def client_network(request: HttpRequest) -> str:
    """Return what one caller has: an IPv4 address, or the /64 of an IPv6 address.

    Each trusted proxy appends the address that it saw to ``X-Forwarded-For``; what stands before
    those entries was sent by the caller and is not looked at.
    """
    seen = request.headers.get("X-Forwarded-For", "").split(",")
    count = settings.TRUSTED_PROXIES
    forwarded = seen[-count] if 0 < count <= len(seen) else ""
    address = parse(forwarded) or parse(request.META.get("REMOTE_ADDR", ""))
    if isinstance(address, IPv6Address):
        return str(ip_network((address, 64), strict=False))
    return str(address or UNKNOWN)


def parse(text: str) -> IPv4Address | IPv6Address | None:
    """Return the address, without a port or a zone; None when there is none."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
