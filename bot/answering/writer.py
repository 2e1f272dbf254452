"""The seam to a writer: evidence in, a draft out."""

from __future__ import annotations

from typing import Protocol

from bot.answering.answers import Draft, Evidence


class Writer(Protocol):
    """Writes a draft from evidence alone."""

    @property
    def name(self) -> str:
        """The writer's name in answers: "extractive", or "provider:model"."""
        ...

    async def write(self, evidence: Evidence) -> Draft:
        """Propose claims and the quotes they rest on.

        Returns:
            A draft whose citations quote `evidence.findings.hits` verbatim; empty if the hits say nothing on
            the question.
        """
        ...
