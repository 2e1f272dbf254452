"""Forgetting one name from beginning to end, as `dateline forget` does."""

from __future__ import annotations

from retrieval.forgetting import Forgetter


async def forget(forgetter: Forgetter, name: str) -> int:
    """Forget what a name stands for, and write the files anew; how many articles that were."""
    await forgetter.bury(name)
    removed = sum([count async for count in forgetter.remove()])
    await forgetter.scrub()
    return removed
