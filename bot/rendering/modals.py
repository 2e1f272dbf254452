"""The modals behind a card's buttons: a follow-up question, and why an answer was good or bad."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import discord

from bot.locales.speaking import marked, say
from bot.records.feedback import FeedbackReason
from bot.rendering.card_buttons import ButtonId, Verb

#: Custom ids of what a modal asks for.
QUESTION, REASON, WORDS, CONSENT = "question", "reason", "words", "consent"
#: The value of `CONSENT` that says yes.
AGREED = "yes"

_WORDS_CHARS = 1000
# A modal that is sent later is read all the same (see `bot.cogs.buttons`); until then discord.py holds it.
_HELD_S = 900.0

_REASONS = {
    FeedbackReason.WRONG: marked("It is wrong"),
    FeedbackReason.OUTDATED: marked("It is out of date"),
    FeedbackReason.BESIDE_THE_POINT: marked("It is beside the point"),
    FeedbackReason.INCOMPLETE: marked("Something is missing"),
    FeedbackReason.SHOULD_HAVE_ABSTAINED: marked("It should have said that it does not know"),
    FeedbackReason.SHOULD_HAVE_ANSWERED: marked("The articles do answer this"),
}


def follow_up_modal(number: int, question: str, *, limit_chars: int) -> discord.ui.Modal:
    """Ask for a question that follows upon a kept answer.

    Args:
        number: of the kept answer.
        question: that was answered, as a reminder.
        limit_chars: of the follow-up, 1..4000.
    """
    modal = _modal(say("Follow up"), ButtonId(Verb.FOLLOW, number))
    asked: discord.ui.TextInput[discord.ui.Modal] = discord.ui.TextInput(
        custom_id=QUESTION, style=discord.TextStyle.paragraph, max_length=min(limit_chars, 4000)
    )
    about = " ".join(question.split())
    after = _cut(say("After: {question}", question=about), 100)
    return modal.add_item(discord.ui.Label(text=say("And now?"), description=after, component=asked))


def why_modal(number: int, way: str) -> discord.ui.Modal:
    """Ask why an answer was good ("up") or bad ("down"), and whether the words may be kept."""
    modal = _modal(say("Why?"), ButtonId(Verb.WHY, number, way))
    if way == Verb.DOWN:
        reasons: discord.ui.Select[discord.ui.Modal] = discord.ui.Select(
            custom_id=REASON,
            required=False,
            min_values=0,
            options=[discord.SelectOption(label=say(label), value=reason) for reason, label in _REASONS.items()],
        )
        modal.add_item(discord.ui.Label(text=say("What is the matter with it?"), component=reasons))
    words: discord.ui.TextInput[discord.ui.Modal] = discord.ui.TextInput(
        custom_id=WORDS, style=discord.TextStyle.paragraph, required=False, max_length=_WORDS_CHARS
    )
    modal.add_item(discord.ui.Label(text=say("In your words"), component=words))
    consent: discord.ui.Select[discord.ui.Modal] = discord.ui.Select(
        custom_id=CONSENT,
        options=[
            discord.SelectOption(label=say("No: keep only the thumb and the choice"), value="no", default=True),
            discord.SelectOption(label=say("Yes: keep my words and my question"), value=AGREED),
        ],
    )
    asked = say("May whoever runs this bot read your words?")
    about = say("With yes also the question and the answer, if it was your question.")
    return modal.add_item(discord.ui.Label(text=asked, description=about, component=consent))


def modal_values(data: Mapping[str, Any]) -> dict[str, str]:
    """Read what was entered in a modal from the interaction that sends it: custom id to text, or to the first choice.

    What was left empty is not there.
    """
    return dict(_values(data.get("components") or ()))


def _values(components: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    for component in components:
        if "component" in component:
            yield from _values([component["component"]])
        yield from _values(component.get("components") or ())
        entered = component.get("value") or next(iter(component.get("values") or ()), None)
        if entered and "custom_id" in component:
            yield component["custom_id"], entered


def _modal(title: str, button_id: ButtonId) -> discord.ui.Modal:
    return discord.ui.Modal(title=title, custom_id=str(button_id), timeout=_HELD_S)


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1].rstrip()}…"
