"""Judged questions: what was asked, what answers it, and where that stands."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from retrieval.index.terms import words


class JudgementsMalformed(Exception):
    """A file of judged questions cannot be read; its text names the line and what is wrong."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A stretch of an article that answers a question."""

    article_id: str
    text: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """A question with its judgement.

    Attributes:
        id: names it.
        fields: the line as it stands, to be asked as `dateline ask --batch` would.
        answers: accepted answers; empty if the articles do not answer.
        evidence: where the answer stands; may be empty.
    """

    id: str
    fields: Mapping[str, Any]
    answers: tuple[str, ...]
    evidence: tuple[Evidence, ...]

    @property
    def is_answerable(self) -> bool:
        """Whether the articles answer it."""
        return bool(self.answers)


def read_judgements(path: Path) -> Iterator[Judgement]:
    """Read judged questions from JSONL: question, answers, and optionally id, asked_at, evidence.

    Raises:
        JudgementsMalformed: the file or a line cannot be read.
    """
    try:
        # Not splitlines: JSON may hold U+2028 and other separators as they are.
        lines = path.read_text("utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as problem:
        raise JudgementsMalformed(f"{path} cannot be read: {problem}") from problem
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            fields = json.loads(line)
            yield Judgement(
                str(fields.get("id", number)),
                fields,
                tuple(map(_text, _list(fields["answers"]))),
                tuple(
                    Evidence(_text(one["article_id"]), _text(one["text"])) for one in _list(fields.get("evidence", []))
                ),
            )
        except (ValueError, KeyError, TypeError, AttributeError) as problem:
            raise JudgementsMalformed(
                f'{path}, line {number}: expected {{"question", "answers", "evidence"}}, got {problem!r}'
            ) from problem


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError(f"a list was expected, not {value!r}")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"a text was expected, not {value!r}")
    return value


def holds_answer(text: str, answers: tuple[str, ...]) -> bool:
    """Tell whether one of the answers occurs in a text as whole words, case, diacritics and punctuation aside."""
    spoken = f" {' '.join(words(text))} "
    return any(f" {' '.join(words(answer))} " in spoken for answer in answers if words(answer))


def is_relevant(article_id: str, text: str, judgement: Judgement) -> bool:
    """Tell whether a passage answers a judged question.

    It does if it stands in an article of the evidence and either holds an accepted answer or at least half of the
    distinct words of that evidence (passages and evidence are cut at different places).
    """
    held = set(words(text))
    for evidence in judgement.evidence:
        if evidence.article_id != article_id:
            continue
        wanted = set(words(evidence.text))
        if holds_answer(text, judgement.answers) or (wanted and len(wanted & held) >= len(wanted) / 2):
            return True
    return False


def tells_answer(article_id: str, text: str, judgement: Judgement) -> bool:
    """Tell whether a passage of any article holds an accepted answer; see `holds_answer`."""
    return holds_answer(text, judgement.answers)


def is_of_evidence(article_id: str, text: str, judgement: Judgement) -> bool:
    """Tell whether a passage stands in an article of the evidence, whatever it says."""
    return any(evidence.article_id == article_id for evidence in judgement.evidence)
