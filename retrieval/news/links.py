"""Where an article can be read: which addresses are safe to show as a link."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

MAX_URL_CHARS = 2000

# White space ends a link early, browsers read a backslash as a slash, and the rest has to be percent-encoded.
_NOT_IN_A_URL = re.compile(r'[\s\x00-\x20\x7f-\x9f"<>\\^`{|}]')


def check_url(url: str) -> str:
    """Give back an absolute http or https URL that leads where it seems to lead.

    Raises:
        ValueError: it is another scheme, has no host, hides its host behind a user name ("https://news.example@evil.example"),
            has characters that no URL has, or more than 2,000 of them; the message says which and what to do.
    """
    shown = repr(url[:60])
    if len(url) > MAX_URL_CHARS:
        raise ValueError(f"{shown} is longer than {MAX_URL_CHARS} characters; give a shorter URL or none")
    if not url.isprintable() or _NOT_IN_A_URL.search(url):
        raise ValueError(f"{shown} has white space or characters that a URL cannot have; percent-encode them")
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise ValueError(f"{shown} is not a URL ({error}); give the article's full URL or none") from error
    if parts.scheme not in ("http", "https") or not host:
        raise ValueError(f"{shown} is not an http or https URL; give the article's full URL or none")
    if parts.username is not None or parts.password is not None:
        raise ValueError(f"{shown} hides its host behind a user name; leave out what stands before the @")
    return url


def site_name(url: str) -> str:
    """Name the publisher by the host of a URL that `check_url` passed, without "www."."""
    return (urlsplit(url).hostname or "").removeprefix("www.")


def names_a_site_only(url: str) -> bool:
    """Whether the URL leads to a whole site, such as "https://news.example/", and so not to one article."""
    parts = urlsplit(url)
    return parts.path in ("", "/") and not parts.query
