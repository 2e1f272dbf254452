"""Each sentence of a reply is checked once, beside the writing, and only what passages carry stands."""

from __future__ import annotations

import asyncio
from typing import Any

from bot.answering.checking import Checking
from bot.answering.progress import watch
from bot.answering.prompt import WrittenClaim
from bot.answering.questions import Question
from bot.answering.relevance import RelevanceCheck
from bot.answering.support import SupportCheck
from bot.answering.testing import embed_alike, make_evidence, make_hit

EVIDENCE = make_evidence(
    make_hit("Fog lay in Tolm. A crane fell in Tolm.", 1), make_hit("The harbour of Tolm is closed.", 2)
)
QUESTION: Question = EVIDENCE.question
FOG, CRANE = "Fog lay in Tolm.", "A crane fell in Tolm."


class Embedding:
    """Counts the texts that are embedded, and waits where a test says so."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.goes_on = asyncio.Event()
        self.goes_on.set()

    async def __call__(self, texts: Any) -> Any:
        await self.goes_on.wait()
        self.texts += texts
        return await embed_alike(texts)


class Heard:
    """Notes the sentences that it is told."""

    def __init__(self) -> None:
        self.sentences: list[str] = []
        self.has_both = asyncio.Event()

    def read(self, articles: int) -> None:
        raise AssertionError

    def wrote(self, sentence: str) -> None:
        self.sentences.append(sentence)
        if len(self.sentences) == 2:
            self.has_both.set()


def checking_with(embed: Embedding, *, max_claims: int = 6) -> Checking:
    hits = EVIDENCE.findings.hits
    return Checking(QUESTION, hits, SupportCheck(embed), RelevanceCheck(embed), max_claims=max_claims, limit_chars=600)


def claim(sentence: str, *citations: int) -> WrittenClaim:
    return WrittenClaim(sentence=sentence, citations=list(citations))


async def test_a_sentence_that_was_checked_is_not_checked_again() -> None:
    embed = Embedding()
    checking = checking_with(embed)
    await checking.standing([claim(FOG, 1)])
    standing, struck, _ = await checking.standing([claim(FOG, 1), claim(CRANE, 1)])
    assert list(standing) == [FOG, CRANE]
    assert struck == ()
    assert embed.texts.count(CRANE) > 0
    before = len(embed.texts)
    await checking.standing([claim(FOG, 1), claim(CRANE, 1)])
    assert FOG not in embed.texts[before:]


async def test_of_a_sentence_written_twice_the_passages_that_carry_it_count() -> None:
    standing, struck, _ = await checking_with(Embedding()).standing([claim(FOG, 2), claim(FOG, 1)])
    assert [hit.passage.id for hit in standing[FOG][0]] == [EVIDENCE.findings.hits[0].passage.id]
    assert struck == ()


async def test_no_more_stand_than_wanted() -> None:
    standing, struck, _ = await checking_with(Embedding(), max_claims=1).standing([claim(FOG, 1), claim(CRANE, 1)])
    assert list(standing) == [FOG]
    assert struck == ()


async def test_hearing_waits_for_no_check_and_only_the_latest_is_checked() -> None:
    embed, heard = Embedding(), Heard()
    embed.goes_on.clear()
    watch(heard)
    checking = checking_with(embed)
    checking.hear([claim(FOG, 1)])  # returns at once, though the check cannot go on
    for _ in range(3):
        await asyncio.sleep(0)
    checking.hear([claim(FOG, 1), claim("A crane", 1)])
    checking.hear([claim(FOG, 1), claim(CRANE, 1)])
    embed.goes_on.set()
    await asyncio.wait_for(heard.has_both.wait(), 5)
    await checking.end()
    assert heard.sentences == [FOG, CRANE]
    assert "A crane" not in embed.texts


async def test_after_the_end_nothing_is_told() -> None:
    embed, heard = Embedding(), Heard()
    embed.goes_on.clear()
    watch(heard)
    checking = checking_with(embed)
    checking.hear([claim(FOG, 1)])
    await asyncio.sleep(0)
    await checking.end()
    embed.goes_on.set()
    for _ in range(5):
        await asyncio.sleep(0)
    assert heard.sentences == []
