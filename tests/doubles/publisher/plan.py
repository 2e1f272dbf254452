"""What a publisher publishes over some days: items, their edits and deletions, all from one seed; and its truth."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

BEGINS_AT = datetime(2026, 3, 1, tzinfo=UTC)

_PLACES = (
    "Averden Marrow Kessing Ellery Linnet Osterhaven Brindle Calder Thornby Wexmoor Sable Harrow Quill Penrith".split()
)
_THINGS = (
    "ferry bridge harbour council market railway school hospital library festival reservoir orchard quarry".split()
)
_DEEDS = "opens closes reopens expands delays approves rejects repairs sells restores moves surveys".split()
_PEOPLE = "Corvallan Imrie Tasker Hollis Varga Ostrow Penhallow Quist Radley Samphire".split()


@dataclass(frozen=True, slots=True)
class Version:
    """What an item says from a moment on."""

    at: datetime
    title: str
    text: str


@dataclass(slots=True)
class Item:
    """One article of the publisher's.

    Attributes:
        number: over all feeds.
        feed: which feed lists it.
        guid: what the feed calls it; some carry another item's by mistake.
        stated_at: when the publisher says it appeared, by its own clock.
        versions: oldest first.
        deleted_at: from then on its page is gone and no feed lists it; or None.
        gone_status: what its page answers then.
    """

    number: int
    feed: int
    guid: str
    stated_at: datetime
    versions: list[Version]
    deleted_at: datetime | None = None
    gone_status: int = 410

    def at(self, now: datetime) -> Version | None:
        """What it says now; None if it has not appeared yet or is deleted."""
        if self.deleted_at is not None and now >= self.deleted_at:
            return None
        return next((one for one in reversed(self.versions) if one.at <= now), None)


@dataclass(slots=True)
class Feed:
    """One feed: where it is, what its clock is off by, and which of its bad habits it has."""

    number: int
    host: str
    skew: timedelta
    moves_at: datetime | None
    gives_whole_text: bool
    tells_edits: bool
    items: list[Item] = field(default_factory=list)


@dataclass(slots=True)
class Plan:
    """All feeds and items of a publisher, the same for the same seed."""

    feeds: list[Feed]
    ends_at: datetime

    def items(self) -> Iterator[Item]:
        """All items, feed by feed."""
        for feed in self.feeds:
            yield from feed.items


def make_plan(*, feeds: int, items: int, days: float, seed: int) -> Plan:
    """Plan so many feeds and items in all, over so many days from `BEGINS_AT` on."""
    dice = random.Random(seed)
    span = timedelta(days=days)
    plan = Plan([], BEGINS_AT + span)
    for number in range(feeds):
        plan.feeds.append(
            Feed(
                number,
                host=f"paper{number // 5}.example",
                skew=dice.choice([timedelta(0)] * 8 + [timedelta(hours=3), timedelta(hours=-5)]),
                moves_at=BEGINS_AT + span * dice.uniform(0.2, 0.8) if dice.random() < 0.1 else None,
                gives_whole_text=dice.random() < 0.15,
                tells_edits=dice.random() < 0.5,
            )
        )
    for number in range(items):
        feed = plan.feeds[number % feeds]
        feed.items.append(_item(number, feed, span, dice))
    for feed in plan.feeds:
        feed.items.sort(key=lambda item: item.versions[0].at)
        for before, item in zip(feed.items, feed.items[1:], strict=False):
            if dice.random() < 0.02:
                item.guid = before.guid
    return plan


def _item(number: int, feed: Feed, span: timedelta, dice: random.Random) -> Item:
    at = BEGINS_AT + span * dice.random()
    place, thing, deed = dice.choice(_PLACES), dice.choice(_THINGS), dice.choice(_DEEDS)
    title = f"{place} {thing} {deed}, report {number}"
    versions = [Version(at, title, _text(number, place, thing, 1, dice))]
    for edition in range(2, 2 + (dice.random() < 0.1) + (dice.random() < 0.02)):
        later = versions[-1].at + timedelta(hours=dice.uniform(0.5, 40))
        edited = title if dice.random() < 0.5 else f"{title} (corrected)"
        versions.append(Version(later, edited, _text(number, place, thing, edition, dice)))
    item = Item(number, feed.number, f"tag:{feed.host},2026:{number}", at + feed.skew, versions)
    if dice.random() < 0.03:
        item.deleted_at = versions[-1].at + timedelta(hours=dice.uniform(1, 48))
        item.gone_status = dice.choice([404, 410])
    return item


def _text(number: int, place: str, thing: str, edition: int, dice: random.Random) -> str:
    person, other = dice.sample(_PEOPLE, 2)
    sentences = [
        f"The {thing} at {place} was the subject of report {number} in its edition {edition}, the office of "
        f"{person} said.",
        f"Work on it takes {dice.randint(3, 90)} days and costs {dice.randint(2, 900)} thousand crowns, {other} told "
        f"the council of {place} on Monday evening.",
        f"Of {dice.randint(20, 900)} people who were asked, {dice.randint(2, 19)} were against it, and a second "
        f"reading follows in {dice.randint(2, 9)} weeks.",
        f"{person} called the plan for the {thing} sound; {other} wants number {dice.randint(1000, 9999)} of the "
        "file published before anybody signs.",
    ]
    return "\n\n".join(sentences)
