"""Stand-in."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Discovery:
    """Stand-in."""

    kind: str
    feeds: tuple[tuple[str, str | None], ...] = ()


def discover(body: bytes, *, url: str, media_type: str | None = None) -> Discovery:
    """Stand-in."""
    return Discovery("feed")


def sitemaps_of(robots_txt: str) -> tuple[str, ...]:
    """Stand-in."""
    return ()
