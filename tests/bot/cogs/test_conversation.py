"""Direct messages, mentions and pinged replies as people in a simulated Discord send them."""

from __future__ import annotations

from typing import Any

import convoy
import discord
import pytest
import simcord
from simcord.enums import MessageType

from bot.answering.answers import Abstention, Answer
from bot.answering.questions import Question
from bot.client import DatelineClient
from bot.rendering.answer_card import ANSWER_COLOUR, PROBLEM_COLOUR
from retrieval.errors import QueueFull


class Chain:
    """An answering chain that gives or raises what a test set, and keeps the questions."""

    def __init__(self) -> None:
        self.outcome: Answer | Abstention | Exception = convoy.convoy_answer()
        self.questions: list[Question] = []

    async def __call__(self, question: Question) -> Answer | Abstention:
        self.questions.append(question)
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome

    @property
    def asked(self) -> list[str]:
        return [question.text for question in self.questions]


@pytest.fixture
def chain() -> Chain:
    return Chain()


@pytest.fixture
def simcord_bot(chain: Chain) -> DatelineClient:
    return DatelineClient(chain, now=lambda: convoy.ASKED_AT, question_limit_chars=500)


def channel_of(env: simcord.Env, **permissions: bool) -> tuple[Any, Any, str]:
    """Make a channel, with these permissions for the bot, and a member; return both and the bot's mention."""
    guild = env.create_guild()
    assert guild.me is not None
    overwrites = {guild.me: discord.PermissionOverwrite(**permissions)} if permissions else None
    channel = guild.create_text_channel("news", overwrites=overwrites)
    return channel, guild.add_member(env.create_user("ann")), guild.me.mention


def card_of(message: discord.Message) -> tuple[int, str]:
    """Return the colour and the text of the one container of a message."""
    (container,) = message.components
    assert isinstance(container, discord.Container)
    assert container.accent_colour is not None
    texts = [child.content for child in container.children if isinstance(child, discord.TextDisplay)]
    return container.accent_colour.value, "\n".join(texts)


async def test_a_mention_is_answered_by_a_reply_that_pings_nobody(simcord_env: simcord.Env, chain: Chain) -> None:
    channel, ann, bot = channel_of(simcord_env)

    sent = await ann.send(channel, f"{bot} What weapons were in the convoy?")

    answer = channel.last_message
    assert card_of(answer)[0] == ANSWER_COLOUR.value
    assert convoy.GUNS in card_of(answer)[1]
    assert answer.reference is not None
    assert answer.reference.message_id == sent.id
    assert answer.mentions == []
    scope = f"guild:{simcord_env.guild.id}"
    assert chain.questions == [Question("What weapons were in the convoy?", convoy.ASKED_AT, str(sent.id), scope=scope)]


async def test_the_reply_asks_discord_to_send_it_even_if_the_question_is_gone(simcord_env: simcord.Env) -> None:
    channel, ann, bot = channel_of(simcord_env)

    await ann.send(channel, f"{bot} What weapons?")

    (sent,) = [r for r in simcord_env.http_requests if r.method == "POST" and r.path.endswith("/messages")]
    assert sent.json["message_reference"]["fail_if_not_exists"] is False
    assert sent.json["allowed_mentions"] == {"parse": [], "replied_user": False}


async def test_the_bot_types_before_it_answers(simcord_env: simcord.Env) -> None:
    channel, ann, bot = channel_of(simcord_env)

    await ann.send(channel, f"{bot} What weapons?")

    endings = [r.path.rsplit("/", 1)[1] for r in simcord_env.http_requests if f"/{channel.id}/" in r.path]
    assert endings == ["typing", "messages"]


@pytest.mark.parametrize("written", ["{bot} who left?", "who left? {bot}", "{nick}\n who  {bot} left?"])
async def test_every_mention_of_the_bot_is_taken_out_of_the_question(
    simcord_env: simcord.Env, chain: Chain, written: str
) -> None:
    channel, ann, bot = channel_of(simcord_env)

    await ann.send(channel, written.format(bot=bot, nick=bot.replace("@", "@!")))

    assert chain.asked == ["who left?"]


async def test_a_direct_message_is_answered_without_a_mention(simcord_env: simcord.Env, chain: Chain) -> None:
    ann = simcord_env.create_user("ann")

    await ann.send_dm("What weapons were in the convoy?")

    assert chain.asked == ["What weapons were in the convoy?"]
    assert convoy.GUNS in card_of(ann.dm_channel.last_message)[1]


async def test_a_pinged_reply_to_a_regular_message_of_the_bot_is_answered(
    simcord_env: simcord.Env, chain: Chain
) -> None:
    channel, ann, bot = channel_of(simcord_env)
    await ann.send(channel, f"{bot} What weapons?")

    await ann.send(channel, "And where did it go?", reply_to=channel.last_message)

    assert chain.asked == ["What weapons?", "And where did it go?"]


async def test_plain_talk_and_replies_among_people_are_not_answered(simcord_env: simcord.Env, chain: Chain) -> None:
    channel, ann, _ = channel_of(simcord_env)
    ben = simcord_env.guild.add_member(simcord_env.create_user("ben"))

    said = await ann.send(channel, "What weapons were in the convoy?")
    await ben.send(channel, f"Ask the bot, {ann.mention}", reply_to=said)

    assert chain.asked == []
    assert len(channel.history()) == 2


async def test_a_ping_of_everyone_is_no_question(simcord_env: simcord.Env, chain: Chain) -> None:
    channel, _, _ = channel_of(simcord_env)
    owner = simcord_env.guild.add_member(simcord_env.guild.owner)

    await owner.send(channel, "@everyone @here the meeting begins")

    assert chain.asked == []


async def test_bots_and_webhooks_are_never_answered(simcord_env: simcord.Env, chain: Chain) -> None:
    channel, _, bot = channel_of(simcord_env)
    other = simcord_env.guild.add_member(simcord_env.create_user("other", bot=True))

    await other.send(channel, f"{bot} What weapons?")
    await simcord_env.guild.create_webhook(channel).send(f"{bot} What weapons?")

    assert chain.asked == []
    assert len(channel.history()) == 2


async def test_the_bot_does_not_answer_itself(simcord_env: simcord.Env, chain: Chain) -> None:
    channel, ann, bot = channel_of(simcord_env)
    chain.outcome = convoy.abstention(f"{bot} again?")

    await ann.send(channel, f"{bot} What weapons?")

    assert chain.asked == ["What weapons?"]
    assert len(channel.history()) == 2


async def test_a_mention_without_words_is_told_how_to_ask(simcord_env: simcord.Env, chain: Chain) -> None:
    channel, ann, bot = channel_of(simcord_env)

    await ann.send(channel, bot)

    assert chain.asked == []
    assert card_of(channel.last_message) == (
        PROBLEM_COLOUR.value,
        "Nothing was asked: write your question after my name, or use /ask with your question.",
    )
    assert len(simcord_env.errors) == 1


async def test_a_problem_is_told_in_one_sentence_where_it_was_asked(simcord_env: simcord.Env, chain: Chain) -> None:
    channel, ann, bot = channel_of(simcord_env)
    chain.outcome = QueueFull(64)

    await ann.send(channel, f"{bot} What weapons?")

    assert card_of(channel.last_message)[1] == "Many questions are waiting already; please ask again in a minute."
    assert len(simcord_env.errors) == 1


async def test_where_the_bot_may_not_write_the_asker_is_told_by_direct_message(
    simcord_env: simcord.Env, chain: Chain
) -> None:
    channel, ann, bot = channel_of(simcord_env, send_messages=False)

    await ann.send(channel, f"{bot} What weapons?")

    assert chain.asked == []
    assert len(channel.history()) == 1
    told = card_of(ann.user.dm_channel.last_message)[1]
    assert "Send Messages" in told
    assert "/ask" in told
    assert len(simcord_env.errors) == 1


async def test_a_reply_refused_for_want_of_history_is_told_by_direct_message(simcord_env: simcord.Env) -> None:
    channel, ann, bot = channel_of(simcord_env)
    simcord_env.inject_error("POST", f"/channels/{channel.id}/messages", status=400, code=160002, times=None)

    await ann.send(channel, f"{bot} What weapons?")

    assert "Read Message History" in card_of(ann.user.dm_channel.last_message)[1]
    assert len(simcord_env.errors) == 1


async def test_an_asker_who_takes_no_direct_messages_leaves_a_line_in_the_log(
    simcord_env: simcord.Env, caplog: pytest.LogCaptureFixture
) -> None:
    channel, ann, bot = channel_of(simcord_env, send_messages=False)
    simcord_env.inject_error("POST", f"/channels/{ann.user.dm_channel.id}/messages", status=403, code=50007, times=None)

    await ann.send(channel, f"{bot} What weapons?")

    assert "its problem could not be told" in caplog.text
    assert len(simcord_env.errors) == 1


async def test_service_messages_of_people_are_not_questions(simcord_env: simcord.Env, chain: Chain) -> None:
    ann = simcord_env.create_user("ann")
    said = await ann.send_dm("What weapons?")
    dm = ann.dm_channel.id
    simcord_env.backend.create_system_message(
        dm, MessageType.PINS_ADD, ann.id, referenced_channel_id=dm, referenced_message_id=said.id
    )
    await simcord_env.settle()

    assert chain.asked == ["What weapons?"]
    assert simcord_env.errors == []
