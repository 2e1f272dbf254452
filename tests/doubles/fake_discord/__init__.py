"""A fake Discord on loopback: the real discord.py client connects to it, and tests drive it as people would."""

from fake_discord.interactions import Acknowledgement, CallbackKind, Interaction, InteractionKind
from fake_discord.messages import Message
from fake_discord.permissions import Permission
from fake_discord.places import Channel, Guild, User
from fake_discord.refusals import Violation
from fake_discord.server import FakeDiscord
from fake_discord.sessions import Intent
from fake_discord.timing import SteppedClock

__all__ = [
    "Acknowledgement",
    "CallbackKind",
    "Channel",
    "FakeDiscord",
    "Guild",
    "Intent",
    "Interaction",
    "InteractionKind",
    "Message",
    "Permission",
    "SteppedClock",
    "User",
    "Violation",
]
