"""The story of an article: its title and its text, by which the same article under two ids is known as one."""

from __future__ import annotations

import hashlib


def story_of(title: str, text: str) -> str:
    """Name a title and a text together: 64 hexadecimal digits, the same whatever the letter case and white space."""
    said = "\n".join(" ".join(one.casefold().split()) for one in (title, text))
    return hashlib.sha256(said.encode()).hexdigest()
