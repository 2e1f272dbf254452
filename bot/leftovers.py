"""What articles that are forgotten leave in people's records: looked for, and erased."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from bot.records.erasing import Begun, Erasing
from bot.records.forgotten import ForgottenArticles
from bot.records.resting import RestsOn
from retrieval.index.burial import Kind, Named, is_address
from retrieval.traces import Traces

log = logging.getLogger(__name__)

_NOTHING = Begun(frozenset(), frozenset())


class Leftovers:
    """Erases what rests on articles that are gone from kept answers, conversations, feedback and questions.

    A record has something of them if it quotes or names them, holds an address or publisher that was forgotten, or a
    word that only they had: one that an article had before and none has afterwards. Owns nothing.
    """

    def __init__(self, traces: Traces, erasing: Erasing) -> None:
        """Wire it to an engine and to the records of the same home."""
        self._traces = traces
        self._erasing = erasing

    async def begin(self, named: Iterable[Named]) -> None:
        """Note, before these articles are removed, what there is to be looked for once they are."""
        names, article_ids = set[str](), set[str]()
        for one in named:
            # An article's id may be any word.
            if one.kind is Kind.SOURCE or is_address(one.name):
                names.add(_plain(one.name))
            article_ids.update(one.article_ids)
        names |= {_plain(url) for url in await self._traces.addresses(article_ids)}
        stems = await self._traces.held_stems(await self._erasing.stems())
        await self._erasing.begin(Begun(frozenset(names - {""}), stems))

    async def finish(self) -> int:
        """Erase what was begun, now that the articles are removed, and all else that rests on none; how many records.

        Killed before, the next start calls it again.
        """
        begun = await self._erasing.begun()
        looked_for = begun or _NOTHING
        resting = await self._erasing.rests_on()
        gone = await self._traces.gone(article_ids=resting.article_ids, urls=resting.urls, sources=resting.sources)
        found = RestsOn(gone.article_ids, gone.urls, gone.sources)
        if begun is None and found == RestsOn():
            return 0
        stems = looked_for.stems - await self._traces.held_stems(looked_for.stems)
        erased = await self._erasing.erase(ForgottenArticles(found, looked_for.names, stems))
        log.info("records that rested on forgotten articles: %d erased", erased)
        return erased

    async def finish_interrupted(self) -> None:
        """Go on with a forgetting that was killed before its records were erased; nothing if none was."""
        if await self._erasing.begun() is not None:
            await self.finish()


def _plain(name: str) -> str:
    """Write a name as people may have it in their words: an address without its scheme and last slash, casefolded."""
    return name.strip().casefold().removeprefix("https://").removeprefix("http://").rstrip("/")
