"""Addresses to one spelling each, and whether two addresses are of one site."""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache
from urllib.parse import SplitResult, quote, unquote_plus, urlsplit, urlunsplit

import idna
from tld import get_fld

from retrieval.news.links import MAX_URL_CHARS, check_url

# What tells a publisher where a reader came from. courlan's pattern goes by beginnings ("ref", "eid", "gl", "source"),
# by which "?reference=4711" would name no article any more, and it sorts what is left. A parameter too many costs one
# more fetch, one too few makes two articles one: so only names that nobody gives to articles stand here.
_TRACKING_PREFIXES = (
    "utm_", "at_", "ns_", "mc_", "mtm_", "pk_", "piwik_", "matomo_", "hsa_", "_hs", "itm_", "oly_", "vero_", "wt_",
    "guce_", "soc_", "_branch_", "__twitter_", "gaa_", "asgtbndr_",
)  # fmt: skip
_TRACKING_NAMES = frozenset(
    "fbclid gclid gclsrc dclid gbraid wbraid msclkid yclid twclid ttclid igshid igsh li_fat_id mkt_tok srsltid "
    "cmp cmpid cmp_id icid ncid ocid smid smtyp emc xtor xtref sref ref_src ref_url spm trk s_cid s_kwcid ftag ex_cid "
    "intcmp int_cmp wpisrc wpmm traffic_source __source fsrc srnd taid sharetype guccounter _ga _gl _openstat "
    "utm".split()
)
_DEFAULT_PORTS = {"http": 80, "https": 443}
# RFC 3986: what stands in a path or a query as it is, and "%" for what is encoded already.
_KEPT_AS_IT_IS = "/%:@!$&'()*+,;=?[]"
_ENCODED = re.compile(r"%[0-9a-fA-F]{2}")


def canonical_url(url: str) -> str:
    """Spell an address as every other address of the same page is spelt: doing it twice changes nothing more.

    The host is in lower case and as DNS has it ("xn--..."), the scheme's own port, the fragment and parameters that
    only track readers are left out, and characters beyond ASCII are percent-encoded. The order and spelling of all
    other parameters stay, and so do the scheme, "www.", a slash at the end and AMP forms: only the page itself can say
    whether those are the same.

    Raises:
        ValueError: `check_url` refuses the address.
    """
    parts = urlsplit(check_url(url))
    query = "&".join(filter(None, (pair for pair in parts.query.split("&") if not _tracks(pair))))
    spelt = urlunsplit((parts.scheme, _network_location(parts), _encode(parts.path) or "/", _encode(query), ""))
    # Encoding makes an address longer; one that is too long for `check_url` would be no address any more.
    return spelt if len(spelt) <= MAX_URL_CHARS else url


def same_site(a: str, b: str) -> bool:
    """Whether two addresses are under one registrable domain ("bbc.co.uk"), by the public suffix list.

    Names that people can register on a host ("paper.blogspot.com") are sites of their own. Numbers are compared whole,
    names under a suffix that the list does not have by their last two labels. What has no host is of no site. Nothing
    is fetched.
    """
    site = _site(a)
    return site is not None and site == _site(b)


@lru_cache(maxsize=4096)
def _site(url: str) -> str | None:
    try:
        parts = urlsplit(url)
        host = _ascii_host(parts.hostname or "")
    except ValueError:
        return None
    if not host:
        return None
    try:
        ipaddress.ip_address(host)
    except ValueError:
        registrable = get_fld(f"http://{host}/", fail_silently=True, search_private=True)
        # Under a suffix that the list does not have, its rule is that the last label is one.
        return ".".join(host.split(".")[-2:]) if registrable is None else str(registrable)
    return host


def _tracks(pair: str) -> bool:
    name = unquote_plus(pair.partition("=")[0]).lower().removeprefix("amp;")  # a link escaped twice
    return name in _TRACKING_NAMES or name.startswith(_TRACKING_PREFIXES)


def _network_location(parts: SplitResult) -> str:
    host = _ascii_host(parts.hostname or "")
    if ":" in host:
        host = f"[{host}]"
    port = parts.port
    return host if port is None or port == _DEFAULT_PORTS[parts.scheme] else f"{host}:{port}"


def _ascii_host(host: str) -> str:
    """Spell a host as browsers ask DNS for it; one that no registry could hold stays as it is."""
    host = host.lower()
    if not host.isascii():
        try:
            host = idna.encode(host, uts46=True).decode("ascii")
        except idna.IDNAError:
            return host
    return host.rstrip(".") or host


def _encode(text: str) -> str:
    encoded = quote(text, safe=_KEPT_AS_IT_IS)
    return _ENCODED.sub(lambda found: found.group().upper(), encoded)
