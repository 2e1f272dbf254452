"""Finds the channel or message that a REST path names, if the bot may see it and do there what it asks for."""

from __future__ import annotations

from aiohttp import web

from fake_discord.messages import Message
from fake_discord.permissions import Permission
from fake_discord.places import Channel
from fake_discord.refusals import missing_access, missing_permissions, unknown_channel, unknown_message
from fake_discord.state import State


def visible_channel(state: State, request: web.Request, needed: Permission = Permission.NONE) -> Channel:
    """Return the channel in the path.

    Raises:
        Refusal: If there is none (10003), the bot cannot see it (50001), or lacks a needed permission (50013).
    """
    channel = state.channels.get(request.match_info["channel_id"])
    if channel is None:
        raise unknown_channel()
    allowed = channel.permissions_of(state.bot)
    if not channel.includes_bot() or not allowed & Permission.VIEW_CHANNEL:
        raise missing_access()
    if channel.guild is not None and needed & ~allowed:
        raise missing_permissions()
    return channel


def visible_message(state: State, request: web.Request) -> Message:
    """Return the message in the path.

    Raises:
        Refusal: As for `visible_channel`, or if there is no such message in the channel (10008).
    """
    channel = visible_channel(state, request)
    message = state.messages.get(request.match_info["message_id"])
    if message is None or message.deleted or message.channel is not channel or message.ephemeral:
        raise unknown_message()
    return message
