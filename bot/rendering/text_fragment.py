"""Links that open a page at a quote: text fragments (https://wicg.github.io/scroll-to-text-fragment/)."""

from __future__ import annotations

from urllib.parse import quote as percent_encoded

from bot.rendering.markdown import safe_url

# A longer quote is named by its first and last words: browsers find no exact text across paragraphs.
_WHOLE_WORDS = 8
_EDGE_WORDS = (5, 3, 2)


def link_to_quote(url: str | None, quote: str) -> str | None:
    """Return the address with a fragment that names the quote, or without one where that would be too long.

    Args:
        url: of the article.
        quote: its words; white space in it does not matter.

    Returns:
        An address that `safe_url` gave, or None if it must not be linked.
    """
    plain = safe_url(url)
    if plain is None:
        return None
    words = quote.split()
    whole = ["\n" not in quote.strip() and len(words) <= _WHOLE_WORDS and _encoded(words)]
    edges = [f"{_encoded(words[:n])},{_encoded(words[-n:])}" for n in _EDGE_WORDS if len(words) > 2 * n]
    joint = ":~:text=" if "#" in plain else "#:~:text="
    for text in (*whole, *edges):
        if text and (linked := safe_url(f"{plain}{joint}{text}")):
            return linked
    return plain


def _encoded(words: list[str]) -> str:
    # A hyphen is percent-encoded too: in a text fragment it parts what stands before or after the text.
    return percent_encoded(" ".join(words), safe="").replace("-", "%2D")
