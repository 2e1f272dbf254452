"""All cogs: /ask and plain messages, and every command that looks something up instead."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from discord.ext import commands

from bot.cogs.answers import Answers
from bot.cogs.ask import Ask
from bot.cogs.conversation import Conversation
from bot.cogs.help import Help
from bot.cogs.house_rules import HouseRules
from bot.cogs.latest import Latest
from bot.cogs.looking_up import LooksUp
from bot.cogs.message_menus import MessageMenus
from bot.cogs.sources import Sources
from bot.cogs.status import ReadStatus, Status
from bot.cogs.timeline import StoryTimeline
from bot.delivery import Delivery


def build_cogs(
    bot: commands.AutoShardedBot,
    answers: Answers,
    delivery: Delivery,
    news: LooksUp | None,
    status: ReadStatus | None,
    *,
    now: Callable[[], datetime],
    limit_chars: int,
    rules: HouseRules,
    language: str,
) -> Iterator[commands.Cog]:
    """Make the cogs, for a bot to add; see each for the arguments.

    Without `news` there is /ask alone, without limits; without `status` there is no /status.
    """
    yield Ask(bot, answers, now=now, limit_chars=limit_chars, news=news)
    yield Conversation(bot, answers, now=now, rules=rules, language=language)
    if status is not None:
        yield Status(delivery, status)
    if news is not None:
        yield Latest(delivery, news, now=now, rules=rules)
        yield StoryTimeline(delivery, news, now=now, rules=rules)
        yield Sources(delivery, news)
        yield MessageMenus(bot, delivery, answers, news, now=now, limit_chars=limit_chars)
        yield Help(bot, delivery)
