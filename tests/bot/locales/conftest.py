"""What tests of languages share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.locales.speaking import speak


@pytest.fixture
def in_german() -> Iterator[None]:
    """Answer in German during a test."""
    speak("de")
    yield
    speak("en")
