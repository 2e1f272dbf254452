"""What a site's robots.txt says to us: what may be fetched, how fast, and whether machines may answer from it."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass

from protego import Protego
from yarl import URL

from retrieval.errors import FetchFailed, HostBusy, HostNotFound, TooManyRedirects, UrlBlocked
from retrieval.news.origins import OriginCache

PRODUCT_TOKEN = "Dateline"

# RFC 9309 demands that at least this much is read.
MAX_ROBOTS_BYTES = 500 * 2**10
# A file of 500 KiB with a name on every other line would take Protego minutes: each rule is stored for each name of
# its group. The largest real ones have some 10,000 lines and 500 names.
_MAX_LINES = 20_000
_MAX_PAIRS = 200_000

KEEP_S = 24 * 3600.0
# How long a site counts as closed to us after its robots.txt could not be read.
KEEP_UNREADABLE_S = 15 * 60.0

# Robots that answer questions from pages, and those that gather pages for such models, by the names their operators
# publish. See `Robots.ai_opt_out`.
AI_AGENTS = (
    "GPTBot",
    "OAI-SearchBot",
    "ChatGPT-User",
    "ClaudeBot",
    "Claude-SearchBot",
    "anthropic-ai",
    "PerplexityBot",
    "Google-Extended",
    "Applebot-Extended",
    "meta-externalagent",
    "CCBot",
)

_FIELD = re.compile(r"[ \t]*([A-Za-z-]{1,40})[ \t]*:[ \t]*([^#\r\n]{0,500})")
_SIGNAL = re.compile(r"(?:^|[\s,;])(ai-input|ai|bots)[ \t]*=[ \t]*(yes|no|y|n)(?=$|[\s,;])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Robots:
    """One robots.txt as it concerns us.

    Attributes:
        rules: what Protego read, or None where everything is `otherwise`.
        is_open: without rules, whether everything is allowed.
        names_us: whether a group is addressed to us by name.
        signals: (path, whether answering from what starts with that path is allowed), in the order of the file.
    """

    rules: Protego | None
    is_open: bool = True
    names_us: bool = False
    signals: tuple[tuple[str, bool], ...] = ()

    def allows(self, url: URL) -> bool:
        """Whether we may fetch the URL."""
        return self.is_open if self.rules is None else bool(self.rules.can_fetch(str(url), PRODUCT_TOKEN))

    @property
    def delay_s(self) -> float:
        """The pause between two requests that it asks for, 0 if none."""
        if self.rules is None:
            return 0.0
        rate = self.rules.request_rate(PRODUCT_TOKEN)
        delays = (
            self.rules.crawl_delay(PRODUCT_TOKEN),
            rate.seconds / rate.requests if rate and rate.requests else None,
        )
        return max((delay for delay in delays if delay is not None and delay > 0), default=0.0)

    def ai_opt_out(self, url: URL) -> str | None:
        """Say how the file asks machines like us to leave the page alone; None if it does not.

        Dateline trains nothing: it stores pages, finds sentences in them, and quotes these with a link. That is what
        the draft standards call AI input, so the most precise word counts first: the lines Content-Signal (`ai-input`)
        and Content-Usage (`ai`, `bots`) for everybody or for us; `ai-train` alone does not concern us. Then a group
        for Dateline by name: whoever writes one has told us all they wish. Only without these are the groups for
        others read: no publisher can name every self-hosted bot, and one who shuts out the best-known robots that
        gather for answering machines is taken to mean the kind.
        """
        path = url.raw_path_qs
        said = [is_allowed for start, is_allowed in self.signals if path.startswith(start)]
        if said:
            return None if all(said) else "its robots.txt says that machines must not answer from it"
        if self.names_us or self.rules is None or not self.allows(url):
            return None
        for agent in AI_AGENTS:
            if not self.rules.can_fetch(str(url), agent):
                return f"its robots.txt shuts out robots that gather for answering machines, such as {agent}"
        return None


def read_robots(raw: bytes) -> Robots:
    """Read a robots.txt; what is no line of one is passed over, and after MAX_ROBOTS_BYTES nothing more is read."""
    text = _bounded(raw[:MAX_ROBOTS_BYTES].decode("utf-8-sig", "replace"))
    fields = list(_fields(text))
    names_us = any(name == "user-agent" and value.lower() == PRODUCT_TOKEN.lower() for name, value in fields)
    return Robots(Protego.parse(text), names_us=names_us, signals=tuple(_signals(fields)))


class RobotsCache:
    """Every site's robots.txt, fetched once a day.

    As RFC 9309 has it: without one (any 4xx, or redirects without end) everything is allowed; where it cannot be
    reached (5xx, no answer, and 429, which does not say that there is none) nothing is, unless an older copy is at
    hand, and it is asked for again after KEEP_UNREADABLE_S.

    Args:
        fetch: fetches a robots.txt, unhindered by any, and gives back the status and the first MAX_ROBOTS_BYTES.
        clock: monotonic seconds.
    """

    def __init__(
        self, fetch: Callable[[URL], Awaitable[tuple[int, bytes]]], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._fetch = fetch
        self._cache: OriginCache[Robots] = OriginCache(self._ask, clock=clock)

    async def get(self, url: URL) -> Robots:
        """Give back what the robots.txt of the URL's origin says.

        Raises:
            UrlBlocked, HostNotFound, HostBusy: the page itself could not be fetched either.
        """
        return await self._cache.get(url)

    async def _ask(self, origin: URL, before: Robots | None) -> tuple[Robots, float]:
        try:
            status, raw = await self._fetch(origin.with_path("/robots.txt"))
        except (UrlBlocked, HostNotFound, HostBusy):
            raise
        except TooManyRedirects:
            status, raw = 404, b""
        except FetchFailed:
            status, raw = 503, b""
        if status == 429 or status >= 500:
            return before or Robots(None, is_open=False), KEEP_UNREADABLE_S
        if not 200 <= status < 300:
            return Robots(None), KEEP_S
        return await asyncio.to_thread(read_robots, raw), KEEP_S


def _bounded(text: str) -> str:
    """Cut a file off where reading on would take too long."""
    lines = text.splitlines()[:_MAX_LINES]
    names, pairs, is_naming = 0, 0, False
    for number, line in enumerate(lines):
        if line.lstrip()[:4].lower() == "user":
            names, is_naming = (names + 1 if is_naming else 1), True
        elif line.strip():
            pairs, is_naming = pairs + names, False
        if pairs > _MAX_PAIRS:
            return "\n".join(lines[:number])
    return "\n".join(lines)


def _fields(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        if found := _FIELD.match(line):
            yield found[1].lower(), found[2].strip()


def _signals(fields: list[tuple[str, str]]) -> Iterator[tuple[str, bool]]:
    """Yield what the groups for everybody and for us say of answering, and what stands before any group."""
    concerns_us, is_naming = True, False
    for name, value in fields:
        if name == "user-agent":
            is_us = value == "*" or value.lower() == PRODUCT_TOKEN.lower()
            concerns_us = is_us or (is_naming and concerns_us)
        is_naming = name == "user-agent"
        if concerns_us and name in ("content-signal", "content-usage"):
            path = value.split(None, 1)[0] if value.startswith("/") else "/"
            for _, answer in _SIGNAL.findall(value):
                yield path, answer.lower() in ("yes", "y")
