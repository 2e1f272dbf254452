"""The frame of every card: a coloured container of texts, with separators between sections and buttons below."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import discord

from bot.rendering.limits import Section

Row = discord.ui.ActionRow[discord.ui.LayoutView]


class Card(discord.ui.LayoutView):
    """A layout that never times out and that discord.py does not keep once it is sent.

    Presses of its buttons are matched by their custom ids (`bot.cogs.buttons`), so that they answer after a restart
    too; a view kept for every card sent would be memory that nothing ever frees.
    """

    def __init__(self, sections: Sequence[Section], colour: discord.Colour, rows: Iterable[Row] = ()) -> None:
        """Lay out sections, with rows of buttons below them."""
        super().__init__(timeout=None)
        container: discord.ui.Container[Card] = discord.ui.Container(accent_colour=colour)
        for i, section in enumerate(section for section in sections if section):
            if i:
                container.add_item(discord.ui.Separator())
            for text in section:
                container.add_item(discord.ui.TextDisplay(text))
        for row in rows:
            container.add_item(row)
        self.add_item(container)

    def is_dispatchable(self) -> bool:
        """Say that there is nothing to keep for later presses."""
        return False
