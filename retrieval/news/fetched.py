"""What one fetch brought: the answer's body and what its headers say of it, cleaned and bounded."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

# Longest pause that a host is granted when it asks for one.
MAX_RETRY_AFTER_S = 24 * 3600.0
_MAX_HEADER_CHARS = 1000
_MAX_ROBOTS_TAGS = 20

_MEDIA_TYPE = re.compile(r"\s*([a-z0-9!#$&^_.+-]{1,60}/[a-z0-9!#$&^_.+-]{1,100})\s*(?:;|$)", re.IGNORECASE)
_CHARSET = re.compile(r";\s*charset\s*=\s*[\"']?\s*([a-z0-9_.:-]{1,40})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Fetched:
    """One answer.

    Attributes:
        url: what was asked for, as it was sent.
        final_url: where redirects led.
        moved_to: where permanent redirects (301, 308) alone lead from `url`; None if there are none, a temporary one
            comes first, or what they lead to is an error. It never leads from https to http.
        status: of the last answer; never one of a redirect that says where to.
        media_type: such as "text/html", in lower case; "" if the answer does not say.
        charset: as the answer declares it, in lower case.
        body: unpacked; empty for every status but 200 to 299.
        etag: to be sent back with the next fetch of this URL.
        last_modified: likewise.
        retry_after_s: seconds that the answer asks to wait, at most MAX_RETRY_AFTER_S.
        x_robots_tag: each header of that name.
        tdm_reservation: the header of that name.
        fetched_at: when the answer was whole.
    """

    url: str
    final_url: str
    moved_to: str | None
    status: int
    media_type: str
    charset: str | None
    body: bytes
    etag: str | None
    last_modified: str | None
    retry_after_s: float | None
    x_robots_tag: tuple[str, ...]
    tdm_reservation: str | None
    fetched_at: datetime


def media_type_of(content_type: str) -> tuple[str, str | None]:
    """Read Content-Type: the media type, "" if there is none, and the charset, None if there is none."""
    content_type = content_type[:_MAX_HEADER_CHARS]
    media_type, charset = _MEDIA_TYPE.match(content_type), _CHARSET.search(content_type)
    return media_type[1].lower() if media_type else "", charset[1].lower() if charset else None


def plain_header(written: str | None) -> str | None:
    """Give back a header that can be stored and sent again; None if it is missing, too long or not plain ASCII."""
    written = (written or "").strip()
    is_plain = written.isascii() and written.isprintable() and len(written) <= _MAX_HEADER_CHARS
    return written if written and is_plain else None


def robots_tags(headers: Iterable[str]) -> tuple[str, ...]:
    """Bound the headers X-Robots-Tag."""
    return tuple(each[:_MAX_HEADER_CHARS] for each in list(headers)[:_MAX_ROBOTS_TAGS])


def retry_after_s(written: str | None, *, now: datetime) -> float | None:
    """Read Retry-After, seconds or a date, as seconds from now; None if it is missing or says neither."""
    written = (written or "").strip()[:100]
    if written.isascii() and written.isdigit():
        wait_s = float(written)
    else:
        try:
            until = parsedate_to_datetime(written)
        except (ValueError, OverflowError, IndexError, TypeError):
            return None
        wait_s = ((until if until.tzinfo else until.replace(tzinfo=UTC)) - now).total_seconds()
    return min(max(wait_s, 0.0), MAX_RETRY_AFTER_S)


def user_agent(version: str, contact: str) -> str:
    """Name this program and who runs it, as every request does: "Dateline/0.1.0 (+https://news-bot.example)".

    Args:
        version: of this program.
        contact: an address or a page; characters that a header cannot have are left out; none at all if "".
    """
    contact = "".join(each for each in contact if each.isascii() and each.isprintable() and each not in '()\\"').strip()
    return f"Dateline/{version}" + (f" (+{contact[:200]})" if contact else "")
