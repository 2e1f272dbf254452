"""The parts of a question that needs several articles: what each says, who is named for it, and the day."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import reduce
from itertools import pairwise

from bot.answering.dates.words import Found, find_date_words
from bot.answering.outlets import Outlet, find_outlets
from retrieval.index.terms import content_words

# Each part is a search of its own: 250 such questions took 0.3 s longer each, on two shared cores.
_MOST_PARTS = 6
# A clause of fewer words that say anything is no part: it joins its neighbour.
_LEAST_WORDS = 3
# A day of publication is given in the zone of whoever asks.
_SLACK = timedelta(days=1)
_DAY = timedelta(days=2)

# Words that speak of reports instead of what they report. Without one, a question is left whole at no cost.
_SPEAKS_OF_REPORTS = re.compile(
    r"\b(?:articles?|report(?:s|ed|ing)?|coverage|according\s+to|stor(?:y|ies)|pieces?|as\s+per|suggest(?:s|ed)?|cover(?:s|ed)"
    r"|describ(?:e|es|ed)|claim(?:s|ed)?|highlight(?:s|ed)?|portray(?:s|ed|al)?|publish(?:ed|ing)|mention(?:s|ed)?"
    r"|discuss(?:es|ed)|attribut(?:e|es|ed)|featured|detailed|indicat(?:es|ed))\b",
    re.IGNORECASE,
)
# Shorter questions ask one thing.
_LEAST_QUESTION_WORDS = 12
_BREAK = re.compile(
    # "..., while ...": between two reports; "..., and ...", "; ...": between two facts.
    r"[,;]\s+|\s+(?=(?:while|whereas|although|but\s+(?:not|also)|compared\s+(?:to|with)|in\s+contrast\s+to|as\s+well\s+as)\b)"
    # "... and the report from", "... and another article", "... and a Ledger piece on".
    r"|\s+and\s+(?=(?:(?:the|a|an|another|that|its|subsequent|later)\s+)+(?:\S+\s+){0,4}?(?:articles?|reports?|pieces?|coverage|one)\b)",
    re.IGNORECASE,
)
# A clause of more words than this is cut further, where another predicate begins.
_LONG_WORDS = 9
_BREAK_OF_LONG = re.compile(
    r"\s+and\s+(?=(?:also|then|is|was|has|have|had|are|were|being|does|did|the|that|who|whose|which|not|\w+ed|\w+ing)\b)"
    r"|\s+(?=(?:(?:in\s+a\s+)?similar(?:ly|\s+manner)?\s+(?:to|as|in)|(?:the\s+)?same\s+\w+\s+(?:as|that)|from\s+what|than\s+the|as\s+the"
    r"|before|after)\b)",
    re.IGNORECASE,
)
# What stands between those who report and what they report. Taken out of the words to search for.
_FRAME = re.compile(
    r"\b(?:articles?|report(?:s|ed|ing)?|coverage|stor(?:y|ies)|pieces?|review(?:s|ed)?|according\s+to|as\s+per|published"
    r"|suggest(?:s|ed|ing)?|indicat(?:e|es|ed|ing)|claim(?:s|ed|ing)?|mention(?:s|ed|ing)?|discuss(?:es|ed|ing|ions?)?"
    r"|describ(?:e|es|ed|ing)|attribut(?:e|es|ed|ing)|highlight(?:s|ed|ing)?|detail(?:s|ed|ing)|state[sd]?|stating"
    r"|impl(?:y|ies|ied|ying)|focus(?:es|ed|ing)?\s+on|cover(?:s|ed|ing)|portray(?:s|ed|al|ing)?|depict(?:s|ed|ing|ion)?"
    r"|emphasi[sz](?:e|es|ed|ing)|not(?:es|ed|ing)|consider(?:ing)?\s+the\s+information|based\s+on|information"
    r"|(?:in)?consisten(?:t|cy|tly)|while|whereas|although|compared\s+(?:to|with)|in\s+contrast\s+to|similar(?:ly)?"
    r"|different(?:ly)?|difference|change[sd]?\s+in\s+the|remain(?:s|ed)?|respective(?:ly)?|approach|featured|individual"
    r"|who\s+is\s+the|what\s+is\s+the\s+name\s+of|which|what|later|subsequent(?:ly)?|another|same|both)\b",
    re.IGNORECASE,
)
_LEADS = re.compile(r"^\W*(?:(?:also|as|and|in)\s+)*(?:according\s+to|per|as\s+reported)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a question.

    Attributes:
        text: its words, without those who report and the words that frame a report.
        sources: publishers of the index whose article it asks for; empty means any. A preference, not a limit.
        published: when that article was published, from and to, aware; None if no day is given.
        is_unheard: it names a publisher of which the index has nothing.
    """

    text: str
    sources: tuple[str, ...] = ()
    published: tuple[datetime, datetime] | None = None
    is_unheard: bool = False


def speaks_of_reports(question: str) -> bool:
    """Tell whether a question may have parts at all: cheap, and False for most."""
    return _SPEAKS_OF_REPORTS.search(question) is not None and len(question.split()) >= _LEAST_QUESTION_WORDS


def decompose(question: str, asked_at: datetime, sources: Iterable[str]) -> tuple[Part, ...]:
    """Take a question apart that asks what several articles say.

    Such a question speaks of reports and names a publisher, and says at least two things or names two who report one.
    Its clauses become parts; one that says nothing by itself joins the clause beside it, and those who report
    everything ("as reported by A and B", at the end) belong to every part that names nobody.

    Args:
        question: as typed, in English.
        asked_at: aware, for dates in words.
        sources: the publishers that the index knows.

    Returns:
        Two to six parts in the question's order; empty for any other question.
    """
    if not speaks_of_reports(question):
        return ()
    outlets = find_outlets(question, sources)
    if not outlets:
        return ()
    dates = [one for one in find_date_words(question, asked_at) if one.grain <= _DAY]
    spans = _clauses(question, outlets, dates)
    parts = _joined(_Clause.of(question, start, end, outlets, dates) for start, end in spans)
    if len(parts) < 2 and len(outlets) >= 2 and parts:
        # One thing said, and several who report it: each is asked.
        only = parts[0]
        parts = [replace(only, outlets=(one,)) for one in _each_once(only.outlets)]
    if len(parts) < 2:
        return ()
    return tuple(clause.as_part() for clause in parts[:_MOST_PARTS])


@dataclass(frozen=True, slots=True)
class _Clause:
    text: str
    outlets: tuple[Outlet, ...]
    dates: tuple[Found, ...]
    leads: bool

    @staticmethod
    def of(question: str, start: int, end: int, outlets: Sequence[Outlet], dates: Sequence[Found]) -> _Clause:
        inside = tuple(one for one in outlets if start <= one.start < end)
        days = tuple(one for one in dates if start <= one.start < end)
        text, at = "", start
        for first, last in sorted([(one.start, one.end) for one in inside] + [(one.start, one.end) for one in days]):
            text, at = text + question[at:first] + " ", last
        text += question[at:end]
        return _Clause(_FRAME.sub(" ", text), inside, days, bool(_LEADS.match(question[start:end])))

    @property
    def says_enough(self) -> bool:
        return len(_content(self.text)) >= _LEAST_WORDS

    def with_neighbour(self, other: _Clause) -> _Clause:
        text = f"{self.text} {other.text}"
        return _Clause(text, self.outlets + other.outlets, self.dates + other.dates, self.leads)

    def as_part(self) -> Part:
        names = dict.fromkeys(source for one in self.outlets for source in one.sources)
        spans = [one.span for one in self.dates if one.span.since is not None and one.span.until is not None]
        published = None
        if len(spans) == 1 and spans[0].since is not None and spans[0].until is not None:
            published = spans[0].since - _SLACK, spans[0].until + _SLACK
        unheard = any(not one.sources for one in self.outlets)
        return Part(" ".join(self.text.split()).strip(" ,;?"), tuple(names), published, unheard)


def _clauses(question: str, outlets: Sequence[Outlet], dates: Sequence[Found]) -> list[tuple[int, int]]:
    """Cut a question at its breaks, but not inside a name, a date or a quotation."""
    whole = [(one.start, one.end) for one in outlets] + [(one.start, one.end) for one in dates]
    whole += [match.span() for match in re.finditer(r"[\"“][^\"”]{1,200}[\"”]", question)]
    cuts = [0]
    for match in _BREAK.finditer(question):
        if not any(start < match.end() and match.start() < end for start, end in whole):
            cuts.append(match.end())
    further = []
    for start, end in pairwise([*cuts, len(question)]):
        if len(_content(question[start:end])) > _LONG_WORDS:
            for match in _BREAK_OF_LONG.finditer(question, start, end):
                if not any(first < match.end() and match.start() < last for first, last in whole):
                    further.append(match.end())
    return list(pairwise(sorted({*cuts, *further, len(question)})))


def _joined(clauses: Iterable[_Clause]) -> list[_Clause]:
    """Let every clause that says too little join one beside it.

    One that leads ("according to A, ...") or opens the question joins the next; where several wait for what they all
    report ("between the article from A and the one from B, is there ..."), each becomes a part of the same words.
    """
    parts: list[_Clause] = []
    waiting: list[_Clause] = []
    for clause in clauses:
        if not clause.says_enough:
            if clause.leads or not parts:
                waiting.append(clause)
            else:
                parts[-1] = parts[-1].with_neighbour(clause)
        elif len(waiting) > 1 and not clause.outlets and all(one.outlets or one.dates for one in waiting):
            parts += [one.with_neighbour(clause) for one in waiting]
            waiting = []
        else:
            parts.append(reduce(_Clause.with_neighbour, [*waiting, clause]))
            waiting = []
    for clause in waiting:
        parts[-1:] = [parts[-1].with_neighbour(clause)] if parts else [clause]
    if parts and not any(part.outlets for part in parts[:-1]):
        parts = [replace(part, outlets=part.outlets or parts[-1].outlets) for part in parts]
    return parts


def _content(text: str) -> list[str]:
    # Of a text without content words all words would come back, so one is given to it.
    return content_words(f"Dateline {text}")[1:]


def _each_once(outlets: Sequence[Outlet]) -> list[Outlet]:
    return list({one.sources or (str(one.start),): one for one in outlets}.values())
