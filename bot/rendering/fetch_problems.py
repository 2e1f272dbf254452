"""What the operator is told of an address that could not be fetched; `problems` takes it into its table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.locales.speaking import marked
from retrieval import errors

FETCH_PERSON = marked("That address could not be fetched just now; please check how it is written, or try again later.")
# One sentence for both: which names the operator's own network knows is nobody's to find out.
_UNREACHABLE = marked(
    "I fetch nothing from there: the address must lead to a public site; please check how it is written."
)

#: Where a person can be told better than by FETCH_PERSON.
FETCH_PERSONS: dict[type[errors.FetchFailed], str] = {
    errors.UrlBlocked: _UNREACHABLE,
    errors.HostNotFound: _UNREACHABLE,
    errors.RobotsForbid: marked("That site asks programs like me not to read this address, so I do not."),
    errors.BodyTooLarge: marked("What is at that address is larger than I take."),
}

FETCH_REMEDIES: dict[type[errors.FetchFailed], Callable[[Any], str]] = {
    errors.UrlBlocked: lambda e: (
        f"{e.url} is not fetched: {e.reason}. If it is on your own network, name its host in `intake.private_hosts`."
    ),
    errors.HostNotFound: lambda e: f"{e.url} has no address ({e.reason}): check its spelling and your name server.",
    errors.HostBusy: lambda e: (
        f"{e.url} is not fetched now, because its host asked for a pause or much is waiting for it: "
        f"try again in {e.wait_s:.0f} s."
    ),
    errors.ConnectionFailed: lambda e: (
        f"{e.url} does not answer properly ({e.reason}): check that it opens in a browser, and your network."
    ),
    errors.FetchTimedOut: lambda e: (
        f"{e.url} did not answer in full within {e.timeout_s:g} s: try again later, or raise `intake.timeout_s`."
    ),
    errors.TooManyRedirects: lambda e: (
        f"{e.url} leads on and on, for {e.redirects} redirects: give the address where it ends in a browser."
    ),
    errors.RobotsForbid: lambda e: (
        f"{e.url} is not fetched: {e.reason}. See whether the site opens in a browser; where it forbids this, ask its "
        "publisher, and only with leave set `intake.heed_robots` to false."
    ),
    errors.BodyTooLarge: lambda e: (
        f"{e.url} has more than {e.limit_bytes} bytes, so it was not taken in: raise `intake.max_body_bytes` for it."
    ),
    errors.BodyUndecodable: lambda e: (
        f"{e.url} came packed in a way that cannot be unpacked ({e.reason}): tell its publisher, or try again later."
    ),
}
