"""The words exchanged with a chat model: evidence and question into messages, its reply into sentences with numbers."""

from __future__ import annotations

import hashlib
import html
import re
import unicodedata
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from importlib import resources
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage
from langchain_core.prompts import ChatPromptTemplate, MessagesPlaceholder
from pydantic import BaseModel, Field, ValidationError

from bot.answering.answers import Citation
from bot.answering.questions import Question
from bot.answering.statements import keep_for_people
from retrieval.articles import published_text
from retrieval.index.chunking import Span, split_sentences
from retrieval.passages import Hit

#: A passage with the article version it stands in.
Cited = Hit | Citation

#: What a chat model writes in free text when the passages do not answer.
NO_ANSWER = "NO ANSWER"
# Earlier exchanges told to the model, and how much of each text: a follow-up rarely reaches further back.
_EXCHANGES = 3
_EXCHANGE_CHARS = 1_000
# Longer replies are cut before they are read; 8,000 characters are some twenty times an answer.
_REPLY_CHARS = 8_000
# Markup nested deeper than this is no writing but an attack: all its punctuation goes.
_DEEPEST_NESTING = 8

_MARK = re.compile(
    r"\s*(?:\[\^?\s*(?:(?:passages?|sources?)\s+)?(\d{1,3}(?:\s*(?:,|;|&|and|-|\u2013)\s*\d{1,3})*)\s*\]"
    r"|【(\d{1,3})[^】\n]{0,40}】)",
    re.IGNORECASE,
)
_LINE_MARKER = re.compile(r"\s*(?:#{1,6}\s+|>+\s*|[-*+•]\s+|\d{1,2}[.)]\s+|\|)+")
_SOURCE_LIST = re.compile(
    r"^[^\w\n]*(?:sources?|references|citations|footnotes)[^\w\n]*$|^[ \t]*\[\^?\d{1,3}\]:", re.I | re.M
)
_TARGET = r"\((?:[^()]|\([^()]*\))*\)"
# Full-width, small, single, CJK and mathematical angle brackets.
_ANGLES = str.maketrans("\uff1c\uff1e\ufe64\ufe65\u2039\u203a\u3008\u3009\u27e8\u27e9", "<><><><><>")
# Applied in this order, again and again until nothing changes, so that nothing can be nested to survive.
_MARKUP = tuple(
    (re.compile(pattern, re.IGNORECASE | re.DOTALL), replacement)
    for pattern, replacement in (
        (rf"!\[[^\[\]]*\]{_TARGET}", ""),  # an image
        (rf"\[(\d{{1,3}})\]{_TARGET}", r"[\1]"),  # a mark that the model made a link
        (rf"\[([^\[\]]*)\]{_TARGET}", r"\1"),  # a link
        (r"<[a-z/!@#:?][^<>]*>", ""),  # HTML, Discord's mentions and emoji, links in angle brackets
        (r"\b(?:[a-z][a-z0-9+.-]{1,20}://|www\.|discord\.gg/)\S+", ""),  # a bare link
        (r"@(?:everyone|here)\b", ""),
        (r"(?<!\w)@(?=\w)", ""),
        (r"```\w*|`|\|\||~~|\*\*|(?<!\w)__|__(?!\w)", ""),
        (r"(?<!\S)[*_](?=\S)|(?<=\S)[*_](?![\w*])|(?<=[(\"\u201c])[*_](?=\S)", ""),
    )
)


class WrittenClaim(BaseModel):
    """One sentence of the answer."""

    sentence: str = Field(description="One complete sentence in plain text, without marks.")
    citations: list[int] = Field(description="The numbers of the passages that state it.")


class WrittenAnswer(BaseModel):
    """The answer to the question, from the passages alone."""

    can_answer: bool = Field(description="Whether the passages answer the question.")
    claims: list[WrittenClaim] = Field(description="The sentences of the answer in order; empty if there is none.")


def build_prompt(*, structured: bool) -> ChatPromptTemplate:
    """Load the words of the prompt; fill them with `prompt_variables`.

    Args:
        structured: ask for the fields of WrittenAnswer; otherwise for text with [n] marks, for `read_reply`.
    """
    form = words_of_prompt("reply_structured" if structured else "reply_text").format(no_answer=NO_ANSWER)
    system = words_of_prompt("system").replace("{reply_form}", form)
    return ChatPromptTemplate.from_messages(
        [("system", system), MessagesPlaceholder("history"), ("human", words_of_prompt("question"))]
    )


def prompt_variables(question: Question, hits: Sequence[Hit]) -> dict[str, Any]:
    """Fill the prompt: the passages numbered from 1, each with its title, source and date, and the question.

    Nothing in a passage can end the evidence: angle brackets in it are escaped, their look-alikes folded, and the
    delimiters carry a key, a hash over question and passages, that its author could not know. Its own "[9]" becomes
    "(9)". Sentences that are written for a language model are left out (`evidence_sentences`).
    """
    moment = question.asked_at
    identity = "\0".join([question.text, moment.isoformat(), *(hit.passage.id for hit in hits)])
    return {
        "key": hashlib.sha256(identity.encode(errors="replace")).hexdigest()[:12],
        "asked_on": f"{moment:%A}, {moment.day} {moment:%B %Y} (UTC)",
        "passages": "\n".join(_passage(n, hit) for n, hit in enumerate(hits, start=1)),
        "question": neutral(question.text),
        "history": history_messages(question),
    }


@lru_cache(maxsize=64)  # the passages of a few questions
def evidence_sentences(cited: Cited) -> tuple[Span, ...]:
    """Find the sentences of a passage that count as evidence, in order, as spans of the article's text.

    What is written for a language model does not count (`keep_for_people`): the model does not see it, and no claim
    can rest on it.
    """
    passage = cited.passage
    kept = keep_for_people(passage.text, split_sentences(passage.text, cited.article.language))
    return tuple(Span(passage.start + span.start, passage.start + span.end) for span in kept)


def evidence_text(cited: Cited) -> str:
    """Join the sentences of a passage that count as evidence; empty if none does."""
    return " ".join(cited.article.text[start:end] for start, end in evidence_sentences(cited))


def read_reply(text: str) -> WrittenAnswer:
    """Read free text with marks such as [1], [1, 2], [1-3] or [1][2], before or after the full stop.

    A mark belongs to the sentence in or right after which it stands; at the start of a line, to the line's first
    sentence. Every line of a list is read by itself; lists of sources are left out. `can_answer` is false if the text
    says that there is no answer, and nothing else.
    """
    text = text[:_REPLY_CHARS]
    if sources := _SOURCE_LIST.search(text):
        text = text[: sources.start()]
    claims = [claim for block in _blocks(text) for claim in _read_block(block) if NO_ANSWER not in claim.sentence]
    return WrittenAnswer(can_answer=bool(claims) or NO_ANSWER not in text, claims=claims)


def read_structured(fields: object, text: str) -> WrittenAnswer:
    """Read what a chat model with structured output gave: the fields, or the text if there are none.

    Args:
        fields: what should be the fields of WrittenAnswer; anything else, such as None, is ignored.
        text: the reply itself. If it holds the fields as JSON, other words may surround them, such as a code fence.

    Returns:
        Plain sentences, one a claim: what the model wrote as one claim is split, each part with its citations; marks
        within a sentence count where the model lists no citations.
    """
    answer = None
    text = text[:_REPLY_CHARS]
    braces = text[text.find("{") : text.rfind("}") + 1]
    with suppress(ValidationError):
        answer = WrittenAnswer.model_validate(_whole(fields))
    if answer is None and braces:
        with suppress(ValidationError):
            answer = WrittenAnswer.model_validate_json(braces)
    if answer is None or (answer.can_answer and not answer.claims and not braces):
        return read_reply(text)
    claims = [
        WrittenClaim(sentence=one.sentence, citations=claim.citations or one.citations)
        for claim in answer.claims
        for block in _blocks(claim.sentence[:_REPLY_CHARS])
        for one in _read_block(block)
    ]
    return WrittenAnswer(can_answer=answer.can_answer, claims=claims)


def _whole(fields: object) -> object:
    """Leave out the last claim of a reply that was cut off within it."""
    claims = fields.get("claims") if isinstance(fields, Mapping) else None
    if not isinstance(claims, list) or not claims or (isinstance(claims[-1], Mapping) and "citations" in claims[-1]):
        return fields
    return {"can_answer": True, **fields, "claims": claims[:-1]}  # type: ignore[dict-item]  # a mapping: it has claims


def plain_text(text: str) -> str:
    """Take Markdown, HTML, links, images and mentions out of text, keep its words and line breaks.

    Invisible characters and those that turn the direction of writing go too; "@name" loses its "@".
    """
    text = html.unescape(text)
    text = "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co"))
    for _ in range(_DEEPEST_NESTING):
        before = text
        for pattern, replacement in _MARKUP:
            text = pattern.sub(replacement, text)
        if text == before:
            return text.strip()
    return re.sub(r"[][()<>@*_`|~:/!]", " ", text).strip()


def words_of_prompt(name: str) -> str:
    """Read the words of a prompt, the file `prompts/name.md`."""
    return resources.files("bot.answering").joinpath("prompts", f"{name}.md").read_text(encoding="utf-8").strip()


def _passage(n: int, hit: Hit) -> str:
    article = hit.article
    given = {
        "title": article.title,
        "source": article.source,
        "published": published_text(article.published_at, article.published_precision),
    }
    attributes = "".join(f' {name}="{neutral(value)}"' for name, value in given.items() if value)
    return f'<passage number="{n}"{attributes}>\n{neutral(evidence_text(hit))}\n</passage>'


def neutral(text: str) -> str:
    """Make text that cannot close a delimiter, name another passage or write a line of its own outside."""
    text = text.translate(_ANGLES)
    text = _MARK.sub(lambda mark: f" ({mark[1] or mark[2]})", text)
    return html.escape(" ".join(text.split()))


def history_messages(question: Question) -> list[BaseMessage]:
    """Write the last earlier exchanges as messages, oldest first, without citation marks and each cut to a length."""
    messages: list[BaseMessage] = []
    for exchange in question.history[-_EXCHANGES:]:
        messages.append(HumanMessage(neutral(exchange.question)[:_EXCHANGE_CHARS]))
        messages.append(AIMessage(neutral(_MARK.sub("", exchange.answer))[:_EXCHANGE_CHARS]))
    return messages


def _blocks(text: str) -> list[str]:
    """Join the lines that belong together; a list's line, a heading and a paragraph each stand alone."""
    blocks: list[str] = []
    is_open = False
    for line in plain_text(text).splitlines():
        marker = _LINE_MARKER.match(line)
        content = line[marker.end() :].strip() if marker else line.strip()
        if content and is_open and not marker:
            blocks[-1] += " " + content
        elif content:
            blocks.append(content)
        is_open = bool(content) and not (marker and "#" in marker.group())
    return blocks


def _read_block(block: str) -> list[WrittenClaim]:
    text, marks, end = "", [], 0
    for mark in _MARK.finditer(block):
        text += block[end : mark.start()]
        marks.append((len(text), _numbers(mark[1] or mark[2])))
        text += " " if block[mark.end() : mark.end() + 1].isalnum() else ""
        end = mark.end()
    text += block[end:]
    spans = split_sentences(text, "en")
    cited: list[list[int]] = [[] for _ in spans]
    for offset, numbers in marks:
        owner = max((i for i, span in enumerate(spans) if span.start < offset), default=0)
        if spans:
            cited[owner] += [n for n in numbers if n not in cited[owner]]
    return [
        WrittenClaim(sentence=" ".join(text[span.start : span.end].split()), citations=numbers)
        for span, numbers in zip(spans, cited, strict=True)
    ]


def _numbers(listed: str) -> list[int]:
    numbers: list[int] = []
    for part in re.split(r"\s*(?:,|;|&|and)\s*", listed):
        ends = [int(n) for n in re.split(r"\s*[-\u2013]\s*", part)]
        numbers += range(ends[0], ends[-1] + 1) if ends[0] <= ends[-1] else ends
    return numbers
