"""Which URLs may be fetched and which addresses connected to, so that no feed leads into the operator's own network."""

from __future__ import annotations

import re
from collections.abc import Collection
from ipaddress import AddressValueError, IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from yarl import URL

from retrieval.errors import UrlBlocked

MAX_URL_CHARS = 4000
_MAX_HOST_CHARS = 253
# Host and port; IDNA takes quadratic time on more.
_MAX_AUTHORITY_CHARS = 260

_AUTHORITY = re.compile(r"https?://([^/?#]*)", re.IGNORECASE)
_HOST = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
# Where the last label is a number, every browser and C library reads the whole host as an IPv4 address:
# 127.1, 2130706433, 0177.0.0.1, 0x7f.1.
_ENDS_IN_A_NUMBER = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)")

# Names that mean another machine on every network, by standard or by custom.
_LOCAL_ENDINGS = frozenset(
    ("localhost", "localdomain", "local", "internal", "intranet", "private", "corp", "home", "lan", "arpa", "onion")
)

# News is published on 80, 443 and unprivileged ports; below 1024 stand mail, shells and file shares. Above it, what
# takes orders line by line and so could be given some through a URL: NFS, SIP, X11, IRC, PostgreSQL, Redis, memcached.
_WEB_PORTS = frozenset((80, 443))
_LAST_PRIVILEGED_PORT = 1023
_OTHER_PORTS = frozenset((2049, 5060, 5061, 5432, 6000, 6379, *range(6665, 6670), 6697, 11211))

# Where clouds hand their machines' credentials to whoever asks from inside.
METADATA = frozenset(("169.254.169.254", "100.100.100.200", "192.0.0.192", "168.63.129.16", "fd00:ec2::254"))

# Special, though the `is_global` of Python 3.11 does not know it: protocol assignments, relays of 6to4, one metadata
# address that looks public, and the documentation addresses of 2024.
_SPECIAL_V4 = tuple(map(IPv4Network, ("192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32")))
_DOCUMENTATION_V6 = IPv6Network("3fff::/20")
_UNICAST_V6 = IPv6Network("2000::/3")
# An IPv4 address in the last 32 bits: mapped, compatible, and translated, as networks with IPv6 only reach IPv4.
_HOLD_V4 = tuple(map(IPv6Network, ("::ffff:0:0/96", "::/96", "64:ff9b::/96")))
_NOWHERE_V6, _LOOPBACK_V6 = IPv6Address("::"), IPv6Address("::1")


def check_fetchable(url: str, *, private_hosts: Collection[str] = ()) -> URL:
    """Read a URL exactly as it will be fetched, and refuse what could lead elsewhere than to a public web server.

    Names are not looked up here; `connecting.Gate` checks what they resolve to. The fragment is cut off.

    Args:
        url: as a feed, a page or a redirect gives it; white space around it is ignored.
        private_hosts: what is fetched although it is private: "news.intranet" on the ports of the web,
            "127.0.0.1:8080" or "[fd00::8]:8080" on that port only; in lower case.

    Raises:
        UrlBlocked: another scheme than http and https, a user name, an unusual port, a host without a dot or with a
            local name, an address that is not public, or one in any other writing than the usual.
    """
    url = url.strip()
    shown = url[:200].encode("ascii", "backslashreplace").decode()
    if len(url) > MAX_URL_CHARS:
        raise UrlBlocked(shown, f"it has more than {MAX_URL_CHARS} characters")
    if not url.isprintable() or "\\" in url:
        raise UrlBlocked(shown, "it has a backslash or invisible characters")
    authority = _AUTHORITY.match(url)
    if authority is None or not authority[1]:
        raise UrlBlocked(shown, "it is no http or https URL with a host")
    if "@" in authority[1] or "%" in authority[1] or len(authority[1]) > _MAX_AUTHORITY_CHARS:
        raise UrlBlocked(shown, "its host stands behind a user name, is percent-encoded, or too long")
    try:
        parsed = URL(url).with_fragment(None)
        host, port = parsed.raw_host, parsed.port
    except ValueError as error:
        raise UrlBlocked(shown, f"it is no URL ({error})") from error
    if not host or not port:
        raise UrlBlocked(shown, "it has no host, or port 0")
    if any(name in private_hosts for name in _with_port(host, port)):
        return parsed
    if not is_private_host(host, port, private_hosts) and (reason := _refused_host(host)):
        raise UrlBlocked(shown, reason)
    if port in _OTHER_PORTS or (port <= _LAST_PRIVILEGED_PORT and port not in _WEB_PORTS):
        raise UrlBlocked(shown, f"port {port} is none of the web's")
    return parsed


def is_private_host(host: str, port: int, private_hosts: Collection[str]) -> bool:
    """Whether the operator named this host, or this host with this port, as one to be fetched though it is private."""
    return any(name in private_hosts for name in (host, f"[{host}]", *_with_port(host, port)))


def refused_address(address: str, *, is_named: bool = False) -> str | None:
    """Say why an address must not be connected to; None if it may.

    An IPv6 address that stands for an IPv4 address is judged by that one.

    Args:
        address: in the usual writing.
        is_named: the operator named its host. Private addresses are then fine, but never those where clouds keep a
            machine's credentials, nor those that are no single machine's.
    """
    try:
        parsed = ip_address(address)
    except ValueError:
        return f"{address} is no address"
    if isinstance(parsed, IPv6Address) and parsed.scope_id is not None:
        return f"{address} names a network interface"
    judged = _judged(parsed)
    is_refused = any(map(_is_never_fetched, judged)) if is_named else not all(map(_is_public, judged))
    return f"{address} is no public address" if is_refused else None


def _with_port(host: str, port: int) -> tuple[str, str]:
    return f"{host}:{port}", f"[{host}]:{port}"


def _refused_host(host: str) -> str | None:
    if ":" in host:
        return refused_address(host)
    if _ENDS_IN_A_NUMBER.fullmatch(host):
        try:
            return refused_address(str(IPv4Address(host)))  # takes four plain numbers without leading zeros only
        except AddressValueError:
            return f"{host} is an address in an unusual writing"
    if len(host) > _MAX_HOST_CHARS or not _HOST.fullmatch(host):
        return "its host is none that the web knows"
    if "." not in host or host.rpartition(".")[2] in _LOCAL_ENDINGS:
        return f"{host} is a name of a local network"
    return None


def _judged(address: IPv4Address | IPv6Address) -> tuple[IPv4Address | IPv6Address, ...]:
    if isinstance(address, IPv6Address):
        if any(address in network for network in _HOLD_V4) and address not in (_NOWHERE_V6, _LOOPBACK_V6):
            return (IPv4Address(int(address) & 0xFFFF_FFFF),)
        if address.sixtofour is not None:
            return address, address.sixtofour
    return (address,)


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    if not address.is_global or address.is_multicast or address.is_reserved:
        return False
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _SPECIAL_V4)
    return address in _UNICAST_V6 and address not in _DOCUMENTATION_V6


def _is_never_fetched(address: IPv4Address | IPv6Address) -> bool:
    return address.is_link_local or address.is_multicast or address.is_unspecified or str(address) in METADATA
