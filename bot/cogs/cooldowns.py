"""How many questions one person may ask in a minute."""

from __future__ import annotations

import time
from collections.abc import Callable

from discord.ext.commands import Cooldown, CooldownMapping

from bot.rendering.asking_problems import CoolingDown

_MINUTE_S = 60.0


class Cooldowns:
    """Counts the questions of each person for a minute from the first one, in memory; a restart forgets them.

    It is one count for commands, messages and buttons together, which the checks of discord.py keep apart.

    Args:
        per_minute: questions that one person may ask; 0 lets everybody ask as much as they like.
        clock: seconds that never go backwards and are never 0 (`CooldownMapping` takes 0 for "not given").
    """

    def __init__(self, *, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_minute = per_minute
        self._clock = clock
        limit = Cooldown(per_minute, _MINUTE_S) if per_minute else None
        self._asked: CooldownMapping[int] = CooldownMapping(limit, lambda user_id: user_id)
        self._told_until: dict[int, float] = {}

    def count(self, user_id: int) -> None:
        """Count a question.

        Raises:
            CoolingDown: this person has asked too many; the refused question is not counted.
        """
        if not self._per_minute:
            return
        now = self._clock()
        wait_s = self._asked.update_rate_limit(user_id, now)
        if wait_s is None:
            return
        self._told_until = {one: until for one, until in self._told_until.items() if until > now}
        is_first = user_id not in self._told_until
        self._told_until.setdefault(user_id, now + wait_s)
        raise CoolingDown(self._per_minute, wait_s, is_first=is_first)


class ServerCooldowns:
    """Counts the questions of each person in each server that has set a limit of its own."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._of: dict[int, tuple[int, Cooldowns]] = {}

    def count(self, guild_id: int, user_id: int, per_minute: int) -> None:
        """Count a question; a limit that was changed counts anew.

        Args:
            guild_id: the server.
            user_id: who asks.
            per_minute: questions that one person may ask there, >= 1.

        Raises:
            CoolingDown: this person has asked too many in this server.
        """
        if guild_id not in self._of or self._of[guild_id][0] != per_minute:
            self._of[guild_id] = per_minute, Cooldowns(per_minute=per_minute, clock=self._clock)
        self._of[guild_id][1].count(user_id)
