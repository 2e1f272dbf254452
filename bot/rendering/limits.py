"""What Discord lets one message hold, whether a card stays within it, and the richest of several that does."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

MAX_COMPONENTS = 40
"""Components of one message, nested ones included (Components V2)."""

MAX_CHARS = 4000
"""Characters over all text of one message (Components V2); discord.py does not check it."""

MAX_BYTES = 10_170
"""UTF-8 bytes of all texts of one message, and 12 for each; above it Discord fails (discord-api-docs, issue 8554)."""

MAX_URL_CHARS = 512
"""Characters of a link's address; a longer one is shown as plain text."""

Section = Sequence[str]
"""Texts shown one below the other, each one component; a separator stands between sections."""


def width(text: str) -> int:
    """Count a text as UTF-16 code units, which is never less than either way in which Discord may count."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def component_count(sections: Sequence[Section]) -> int:
    """Count the components of a card: its container, every text, and a separator between two sections."""
    return 1 + sum(len(section) for section in sections) + max(0, len(sections) - 1)


def fits(sections: Sequence[Section], *, buttons: int = 0) -> bool:
    """Say whether one message can hold these sections.

    Args:
        sections: of the card.
        buttons: components that the card has beside them: its buttons, and their rows.
    """
    texts = [text for section in sections for text in section]
    size = sum(len(text.encode("utf-8", "surrogatepass")) + 12 for text in texts)
    chars = sum(map(width, texts))
    return chars <= MAX_CHARS and size <= MAX_BYTES and component_count(sections) + buttons <= MAX_COMPONENTS


def first_that_fits(layouts: Iterable[Sequence[Section]]) -> Sequence[Section]:
    """Choose the first layout that one message can hold, for lists that are cut and counted instead of paged.

    Args:
        layouts: richest first; they may be made lazily, since none is made after the chosen one.

    Returns:
        The chosen layout without its empty sections.

    Raises:
        ValueError: no layout fits; the caller must end with one that fits whatever the texts are.
    """
    for layout in layouts:
        sections = [section for section in layout if section]
        if fits(sections):
            return sections
    raise ValueError(f"no layout keeps to {MAX_CHARS} characters and {MAX_COMPONENTS} components; end with a shorter")
