"""Draw the cards that a real `dateline serve` sends to the fake Discord, and what their buttons show, at two widths.

make pictures                     # into data/pictures
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "doubles"))

from draw import PHONE_PX, WIDTH_PX, draw
from fake_discord import FakeDiscord, Message
from fake_discord.permissions import Permission
from serving import is_settled, serving, take_in, take_in_samples

CASES = {
    "answer": "Where did the convoy go?",
    "abstention": "How many people died in the helicopter near Sukna?",
    "disagreement": "How many workers joined the strike in Tarnholt?",
    "excerpt": "When does the tram bridge of Velmar open again?",
    "pages": "Where did the convoy go? How many workers joined the strike in Tarnholt? How old is the seagrass?",
}
# What is drawn of a button that is pressed: the picture, the card that has it, how its custom id begins.
PRESSED = (
    ("passage", "answer", "dl:quote"),
    ("more sources", "answer", "dl:sources"),
    ("next page", "pages", "dl:page"),
    ("thanks", "answer", "dl:down"),
)
MANAGED = {"news feeds": "news feeds list", "news channel": "news channel", "news limits": "news limits"}
GERMAN = ("answer", "abstention", "help", "status", "error")
# Of this article only the feed is in reach, so what it says is kept as an excerpt.
FEED = """<rss version="2.0"><channel><title>Velmar Gazette (sample)</title><link>https://velmar.example/</link><item>
<title>Tram bridge of Velmar opens again in May</title><link>https://velmar.example/tram-bridge</link>
<pubDate>Mon, 28 Sep 2020 07:00:00 GMT</pubDate>
<description>The tram bridge of Velmar opens again on 4 May, the city's engineer said on Monday.</description>
</item></channel></rss>"""
MISQUOTED = (
    "“The convoy is thought to have gone to Benghazi air base, north of Sabha and some 400 kilometres to the south of "
    "Tripoli, the source said.” and “Two Pantsir air-defence systems and five guns travelled with the vehicles.” hm"
)
PICTURES_DIR = Path(__file__).parents[2] / "data" / "pictures"


async def main() -> None:
    """Ask each question and draw the components of the answer exactly as they were sent."""
    PICTURES_DIR.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        await take_in_samples(home)
        (Path(folder) / "feed.rss").write_text(FEED, "utf-8")
        await take_in(home, f"{folder}/feed.rss")
        async with FakeDiscord() as discord, serving(discord, home):
            calls = {name: ("ask", {"question": question}) for name, question in CASES.items()}
            calls |= {name: (name, {}) for name in ("status", "help", "latest", "sources")}
            calls["timeline"] = ("timeline", {"topic": "convoy from Al-Jufra"})
            cards: dict[str, Message] = {}
            calls["privacy"] = ("privacy", {})
            calls["error"] = ("ask", {"question": CASES["answer"], "since": "once upon a time"})
            for name, (command, options) in calls.items():
                interaction = await discord.slash(command, options)
                cards[name] = await interaction.answer(60, where=is_settled)
                picture(name, cards[name])
            manager = discord.add_user("Manager", permissions=Permission.MANAGE_GUILD)
            for name, command in MANAGED.items():
                interaction = await discord.slash(command, user=manager)
                picture(name, await interaction.answer(60, where=is_settled))
            german = discord.add_user("Leserin", locale="de")
            for name in GERMAN:
                command, options = calls[name]
                interaction = await discord.slash(command, options, user=german)
                picture(f"{name} in German", await interaction.answer(60, where=is_settled))
            sought = await discord.use_on(await discord.say(MISQUOTED), "Where is this quote from?")
            picture("quote", await sought.answer(60, where=is_settled))
            reader = discord.add_user("Another reader")  # who sees it alone, so that the card stays as it is
            for name, of, begins in PRESSED:
                custom_id = next((one for one in cards[of].custom_ids if one.startswith(begins)), None)
                if custom_id is not None:
                    pressed = await discord.press(cards[of], custom_id, user=reader)
                    picture(name, await pressed.answer(60, where=is_settled))


def picture(name: str, message: Message) -> None:
    """Draw a message as it is on a desk and on a phone."""
    for width_px, ending in ((WIDTH_PX, ""), (PHONE_PX, "-phone")):
        path = PICTURES_DIR / f"{name.replace(' ', '-')}{ending}.png"
        draw(message.components, path, width_px=width_px)
        print(path)  # noqa: T201 - a command's output


if __name__ == "__main__":
    asyncio.run(main())
