"""Draw the cards that a real `dateline serve` sends to the fake Discord for a few questions about the samples.

make pictures                     # into data/pictures
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "doubles"))

from draw import draw
from fake_discord import FakeDiscord
from serving import serving, take_in_samples

CASES = {
    "answer": "Where did the convoy go?",
    "abstention": "How many people died in the helicopter near Sukna?",
    "disagreement": "How many workers joined the strike in Tarnholt?",
}
PICTURES_DIR = Path(__file__).parents[2] / "data" / "pictures"


async def main() -> None:
    """Ask each question and draw the components of the answer exactly as they were sent."""
    PICTURES_DIR.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        await take_in_samples(home)
        async with FakeDiscord() as discord, serving(discord, home):
            for name, question in CASES.items():
                interaction = await discord.slash("ask", {"question": question})
                card = await interaction.answer(60, where=lambda message: not message.loading)
                draw(card.components, PICTURES_DIR / f"{name}.png")
                print(PICTURES_DIR / f"{name}.png")  # noqa: T201 - a command's output


if __name__ == "__main__":
    asyncio.run(main())
