"""Whether a publisher keeps a page from machines: noai, the TDM Reservation Protocol, and words to us by name."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence

from lxml import etree  # type: ignore[import-untyped]
from protego import Protego
from yarl import URL

from retrieval.errors import FetchFailed, HostBusy, HostNotFound, UrlBlocked
from retrieval.news.decoding import decode_page
from retrieval.news.origins import OriginCache
from retrieval.news.robots import KEEP_S, KEEP_UNREADABLE_S, PRODUCT_TOKEN

# A page says it in its head; the largest heads, with styles and scripts inside, have some hundred kilobytes.
_HEAD_BYTES = 2**20
MAX_TDM_BYTES = 500 * 2**10
_MAX_TDM_RULES = 1000

# For robots of every name: "noai" alone. "noimageai" is about pictures, of which we take none; "noindex" and
# "noarchive" are for search engines and stand on many pages whose publishers offer them in feeds.
_FOR_ALL = frozenset(("noai",))
# Said to us by name, all of these can only mean one thing.
_FOR_US = frozenset(("noai", "noindex", "nosnippet", "noarchive", "none"))
# The directives of X-Robots-Tag that have a value of their own, and so look like the name of a robot.
_WITH_VALUE = frozenset(("max-snippet", "max-image-preview", "max-video-preview", "unavailable_after"))

_MARKS = re.compile(r"noai|tdm-reservation|dateline", re.IGNORECASE)

# What would end a line or its content in a robots.txt.
_NO_PATTERN = re.compile(r"[\s#]")


def opt_out_reason(
    *, x_robots_tag: Sequence[str] = (), tdm_reservation: str | None = None, page: bytes = b""
) -> str | None:
    """Say how a page, or the answer that brought it, keeps it from machines like us; None if it does not.

    Args:
        x_robots_tag: each header X-Robots-Tag.
        tdm_reservation: the header TDM-Reservation.
        page: the page as it came; only the first MiB is looked at, and nothing in it raises.
    """
    if reason := _robots_reason("its X-Robots-Tag", _directives(x_robots_tag)):
        return reason
    metas = list(_metas(page))
    said = [(name, content) for name, content in metas if name in ("robots", PRODUCT_TOKEN.lower())]
    split = ((name, each.strip().lower()) for name, content in said for each in content.split(","))
    if reason := _robots_reason(
        "its robots meta tag", (("" if name == "robots" else name, each) for name, each in split)
    ):
        return reason
    reserved = [content.strip() for name, content in metas if name == "tdm-reservation"]
    if tdm_reservation is not None:
        reserved.append(tdm_reservation.strip())
    return "its publisher reserves text and data mining (TDM-Reservation)" if "1" in reserved else None


def read_tdm_rules(raw: bytes) -> Protego:
    """Read a tdmrep.json, whose patterns of paths are those of a robots.txt; what is no rule is passed over."""
    try:
        listed = json.loads(raw)
    except (ValueError, RecursionError):
        listed = None
    lines = ["User-agent: *"]
    for each in listed[:_MAX_TDM_RULES] if isinstance(listed, list) else ():
        location = each.get("location") if isinstance(each, dict) else None
        if isinstance(location, str) and not _NO_PATTERN.search(location):
            lines.append(("Disallow: " if each.get("tdm-reservation") in (1, "1") else "Allow: ") + location)
    return Protego.parse("\n".join(lines))


class TdmCache:
    """Every site's /.well-known/tdmrep.json, fetched once a day; one that cannot be read reserves nothing.

    Args:
        fetch: gives back the status and the first MAX_TDM_BYTES.
        clock: monotonic seconds.
    """

    def __init__(
        self, fetch: Callable[[URL], Awaitable[tuple[int, bytes]]], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._fetch = fetch
        self._cache: OriginCache[Protego] = OriginCache(self._ask, clock=clock)

    async def reason(self, url: URL) -> str | None:
        """Say that the URL's site reserves it.

        Raises:
            UrlBlocked, HostNotFound, HostBusy: the page itself could not be fetched either.
        """
        rules = await self._cache.get(url)
        is_reserved = not rules.can_fetch(str(url), PRODUCT_TOKEN)
        return "its site reserves text and data mining (tdmrep.json)" if is_reserved else None

    async def _ask(self, origin: URL, before: Protego | None) -> tuple[Protego, float]:
        try:
            status, raw = await self._fetch(origin.with_path("/.well-known/tdmrep.json"))
        except (UrlBlocked, HostNotFound, HostBusy):
            raise
        except FetchFailed:
            status, raw = 503, b""
        if status == 200:
            return await asyncio.to_thread(read_tdm_rules, raw), KEEP_S
        if status == 429 or status >= 500:
            return before or read_tdm_rules(b""), KEEP_UNREADABLE_S
        return read_tdm_rules(b""), KEEP_S


def _robots_reason(where: str, directives: Iterable[tuple[str, str]]) -> str | None:
    for name, directive in directives:
        if directive in (_FOR_US if name == PRODUCT_TOKEN.lower() else _FOR_ALL if not name else ()):
            return f"{where} says {directive}" + (f" to {PRODUCT_TOKEN}" if name else "")
    return None


def _directives(headers: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield (robot or "" for all, directive); a robot's name holds to the end of its header."""
    for header in headers:
        robot = ""
        for part in header.lower().split(","):
            name, colon, rest = part.partition(":")
            if colon and name.strip() not in _WITH_VALUE:
                robot, part = name.strip(), rest
            yield robot, part.strip()


def _metas(page: bytes) -> Iterator[tuple[str, str]]:
    text, _ = decode_page(page[:_HEAD_BYTES])
    if not _MARKS.search(text):
        return  # nearly all pages, at no cost
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=False)
    try:
        root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except (etree.LxmlError, ValueError):
        return
    for meta in () if root is None else root.iter("meta"):
        yield (meta.get("name") or meta.get("property") or "").strip().lower(), meta.get("content") or ""
