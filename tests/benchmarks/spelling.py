"""Measure what misspelt and otherwise transliterated names cost, with and without looking for variants.

.venv/bin/python tests/benchmarks/spelling.py HOME QUESTIONS.jsonl

Each question is asked as it is; with one slip of the pen in its longest name (the longest word of the question that its
evidence has where it writes no capitals), five times; and about somebody that no article knows. The transliterations
are looked up among the words of the index.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from fitting import read_arguments

from bot.answering.answerability import confidence
from bot.answering.answers import Evidence
from bot.answering.asking import read_question
from bot.answering.details import find_names
from bot.answering.questions import Question
from config.settings import load_settings
from retrieval.archive.archive import Archive
from retrieval.build import open_engine
from retrieval.evaluation.judgements import Judgement, is_relevant, read_judgements
from retrieval.evaluation.metrics import hit_at_k, mean, percentile, reciprocal_rank
from retrieval.index.lexical import LexicalIndex
from retrieval.index.spelling import Vocabulary
from retrieval.index.terms import content_words, stem, words
from retrieval.search.retriever import Retriever

SEEDS = 5
# Two spellings of a name in use by newspapers; none is listed in `retrieval.index.exonyms`.
PAIRS = """
jafra jufra|haftar hifter|hifter heftar|aljufrah jufra|mahmoud mahmud
muhammad mohamed|hussein husain|ahmadinejad ahmedinejad|khashoggi khashuqji|sisi elsisi
assad alassad|abdullah abdallah|sarraj serraj|dbeibah dbeiba|dbeibah debeiba
bouteflika butaflika|tchaikovsky chaikovsky|dostoevsky dostoyevsky|yeltsin eltsin|navalny navalnyy
lukashenko lukashenka|medvedev medvedyev|shoigu shoygu|poroshenko porochenko|timoshenko tymoshenko
khodorkovsky hodorkovsky|dzhokhar djokhar|tsarnaev tzarnaev|zarqawi zarkawi|zawahiri zawahri
nasrallah nasralla|fallujah falluja|tikrit takrit|kandahar qandahar|idlib edlib
latakia lattakia|sirte surt|tehran teheran|mazar mezar|hamenei khamenei
"""
# Family names from telephone books of several countries; those that an index knows are left out.
STRANGERS = """
abernathy bjornsson castellanos dragomir eberhardt fairweather giordani hathersage ibanez
jankowski kaczmarek lindholm macallister novotny okonkwo pellegrini quintana rasmussen
szymanski thorvald umarov valdivia whittaker xanthou yamagata zuckermann ashworth
brannigan carrington delacroix eriksen featherstone gallacher hollingworth iversen jephcott
kowalczyk larkspur merriweather nakagawa oyelaran pemberton quigley radcliffe sokolov
tremaine uddin vasquez winterbourne yilmaz
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one question."""

    relevant: list[bool]
    confidence: float
    took_ms: float
    variants: int


def slip(word: str, dice: random.Random) -> str:
    """Make one slip: a letter left out, doubled, replaced by another, or exchanged with the next."""
    at = dice.randrange(len(word))
    letter = dice.choice("abcdefghijklmnopqrstuvwxyz".replace(word[at].lower(), ""))
    swapped = word[: at - 1] + word[at] + word[at - 1] + word[at + 1 :] if at else word[1] + word[0] + word[2:]
    made = [word[:at] + word[at + 1 :], word[:at] + word[at] + word[at:], word[:at] + letter + word[at + 1 :], swapped]
    return dice.choice([one for one in made if one != word])


def longest_name(question: str, judged: Judgement) -> str | None:
    """Choose the word of a question to spoil; None if there is none of four letters or more."""
    named = [word for name in find_names(question) if name.start > 0 for word in words(name.written)]
    evidence = {word for one in judged.evidence for word in words(one.text)}
    known = [word for word in named if len(word) > 3] or [w for w in content_words(question) if w in evidence]
    return max((word for word in known if len(word) > 3 and word.isalpha()), key=len, default=None)


def respell(question: Question, word: str, other: str) -> Question | None:
    """Write another word for a word of a question, whatever its case; None if it stands there otherwise."""
    at = question.text.casefold().find(word)
    return None if at < 0 else replace(question, text=question.text[:at] + other + question.text[at + len(word) :])


async def ask(retriever: Retriever, question: Question, judged: Judgement, looks: bool) -> Outcome:
    """Retrieve ten hits, looking for variants or not."""
    query = question.as_query(limit=10)
    begun = time.perf_counter()
    found = await retriever.retrieve(query if looks else replace(query, variants=()))
    took_ms = 1000 * (time.perf_counter() - begun)
    relevant = [is_relevant(hit.article.id, hit.passage.text, judged) for hit in found.hits]
    return Outcome(relevant, confidence(Evidence(question, found)), took_ms, len(found.variants))


def spoilt(asked: Sequence[tuple[Judgement, Question]], knows: set[str]) -> Iterator[tuple[str, Judgement, Question]]:
    """Make every question to ask, with the kind it counts as."""
    strangers = [one for one in STRANGERS.split() if stem(one) not in knows]
    dice = random.Random(1)
    for judged, question in asked:
        kind = "as asked" if judged.is_answerable else str(judged.fields.get("type", "unanswerable"))
        yield kind, judged, question
        word = longest_name(question.text, judged) if judged.is_answerable else None
        if word is None:
            continue
        made = [("one slip", slip(word, dice)) for _ in range(SEEDS)] + [("a stranger", dice.choice(strangers))]
        for spoiled, other in made:
            if (changed := respell(question, word, other)) is not None:
                yield spoiled, judged, changed


def report(kind: str, looks: bool, outcomes: Sequence[Outcome], least: float) -> str:
    """Write one line of the table."""
    measured = (
        mean([hit_at_k(one.relevant, 1) for one in outcomes]),
        mean([hit_at_k(one.relevant, 10) for one in outcomes]),
        mean([reciprocal_rank(one.relevant, 10) for one in outcomes]),
        mean([float(one.confidence < least) for one in outcomes]),
        mean([float(one.variants > 0) for one in outcomes]),
    )
    shown = " ".join(f"{value or 0:7.3f}" for value in measured)
    took_ms = percentile([one.took_ms for one in outcomes], 0.5) or 0
    return f"{kind:15} {'with' if looks else 'without':8} {len(outcomes):5} {shown} {took_ms:6.0f}"


def report_pairs(archive: Archive) -> Iterator[str]:
    """Look each spelling of a pair up among the words of the index and the other spelling."""
    with archive.reading() as connection:
        held = LexicalIndex().stems(connection)
    pairs = [pair.split() for line in PAIRS.split("\n") for pair in line.split("|") if pair.strip()]
    both = [(a, b) for one, other in pairs for a, b in ((one, other), (other, one))]
    foreign = {stem(word) for pair in pairs for word in pair}
    vocabulary = Vocabulary(one for one in held if one not in foreign)
    alone = [vocabulary.close_to(stem(asked)) for asked, _ in both]
    found = [Vocabulary([stem(written)]).close_to(stem(asked)) for asked, written in both]
    vocabulary.add(foreign)
    begun = time.perf_counter()
    amid = [vocabulary.close_to(stem(asked)) for asked, _ in both]
    each_ms = 1000 * (time.perf_counter() - begun) / len(both)
    right = [stem(written) in near for (_, written), near in zip(both, amid, strict=True)]
    lost = [f"{asked}/{written}" for (asked, written), near in zip(both, found, strict=True) if not near]
    yield f"transliterations, both ways: {sum(map(bool, found))} of {len(both)} close enough; {sum(right)} among"
    yield f"the variants in an index of {len(held)} stems, {each_ms:.2f} ms each; other words taken for the name where"
    yield f"the index lacks it: {sum(map(bool, alone))} of {len(both)}; not close: {' '.join(lost)}"


def main() -> None:
    """Print the table and what came of the transliterations."""
    given = read_arguments(__doc__)
    settings = load_settings()

    async def run() -> None:
        async with open_engine(given.home, settings.retrieval, settings.embedding) as engine:
            await engine.indexer.open()
            judgements = list(read_judgements(given.questions))
            asked = [(judged, read_question(judged.fields, now=datetime.now(UTC))) for judged in judgements]
            with engine.archive.reading() as connection:
                knows = set(LexicalIndex().stems(connection))
            outcomes: dict[tuple[str, bool], list[Outcome]] = {}
            for kind, judged, question in spoilt(asked, knows):
                for looks in (False, True):
                    one = await ask(engine.retriever, question, judged, looks)
                    outcomes.setdefault((kind, looks), []).append(one)
            await engine.indexer.close()
            told = list(report_pairs(engine.archive))
        lines = [f"{'':15} {'variants':8} {'cases':>5}   hit@1  hit@10  mrr@10 decline  varied     ms"]
        lines += [report(*key, found, settings.answering.min_confidence) for key, found in outcomes.items()]
        print("\n".join([*lines, "", *told]))  # noqa: T201 - a benchmark's output

    asyncio.run(run())


if __name__ == "__main__":
    main()
