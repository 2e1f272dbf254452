"""Writes users, guilds, channels, messages and the application as Discord's JSON."""

from __future__ import annotations

from fake_discord.messages import Json, Message, walk_components
from fake_discord.permissions import Permission
from fake_discord.places import Channel, ChannelKind, Guild, Member, User
from fake_discord.state import State

ATTACHMENT_SIZE_LIMIT = 10 * 1024 * 1024


def user_json(user: User) -> Json:
    """Write a user object."""
    return {
        "id": user.id,
        "username": user.name.lower().replace(" ", "_"),
        "global_name": None if user.is_bot else user.name,
        "discriminator": "0000" if user.is_bot else "0",
        "avatar": None,
        "bot": user.is_bot,
        "public_flags": 0,
    }


def member_json(member: Member) -> Json:
    """Write a guild member without its user."""
    return {
        "roles": [member.role_id] if member.permissions else [],
        "flags": 0,
        "joined_at": member.joined_at,
        "deaf": False,
        "mute": False,
        "nick": None,
        "avatar": None,
        "pending": False,
        "premium_since": None,
        "communication_disabled_until": None,
    }


def role_json(role_id: str, name: str, permissions: Permission, position: int) -> Json:
    """Write a role."""
    return {
        "id": role_id,
        "name": name,
        "permissions": str(int(permissions)),
        "position": position,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "managed": False,
        "mentionable": False,
        "icon": None,
        "unicode_emoji": None,
        "flags": 0,
    }


def channel_json(channel: Channel, bot: User) -> Json:
    """Write a channel; in private ones the bot is not among its own recipients."""
    if channel.guild is None:
        recipients = [user_json(user) for user in channel.recipients if user is not bot]
        private = {"id": channel.id, "type": int(channel.kind), "recipients": recipients, "flags": 0}
        if channel.kind is ChannelKind.GROUP_DM:
            private |= {"name": channel.name or None, "icon": None, "owner_id": channel.recipients[0].id}
        return private | {"last_message_id": channel.last_message_id}
    if channel.parent is not None:
        return _thread_json(channel, channel.guild, channel.parent, bot)
    overwrites = []
    if channel.bot_denied:
        overwrites = [{"id": bot.id, "type": 1, "allow": "0", "deny": str(int(channel.bot_denied))}]
    return {
        "id": channel.id,
        "type": int(channel.kind),
        "guild_id": channel.guild.id,
        "name": channel.name,
        "position": list(channel.guild.channels).index(channel.id),
        "permission_overwrites": overwrites,
        "topic": None,
        "nsfw": False,
        "rate_limit_per_user": 0,
        "parent_id": None,
        "flags": 0,
        "last_message_id": channel.last_message_id,
    }


def _thread_json(thread: Channel, guild: Guild, parent: Channel, bot: User) -> Json:
    archiving = {
        "archived": False,
        "auto_archive_duration": 1440,
        "archive_timestamp": thread.made_at,
        "create_timestamp": thread.made_at,
        "locked": False,
    }
    return {
        "id": thread.id,
        "type": int(thread.kind),
        "guild_id": guild.id,
        "parent_id": parent.id,
        "owner_id": bot.id,
        "name": thread.name,
        "thread_metadata": archiving,
        "message_count": 0,
        "total_message_sent": 0,
        "member_count": 1,
        "rate_limit_per_user": 0,
        "flags": 0,
        "last_message_id": thread.last_message_id,
    }


def guild_json(guild: Guild, bot: User) -> Json:
    """Write a guild as GUILD_CREATE carries it to a bot without the members intent: only the bot is a member."""
    roles = [role_json(guild.id, "@everyone", guild.everyone, 0)]
    for position, member in enumerate(guild.members.values(), start=1):
        if member.permissions:
            roles.append(role_json(member.role_id, f"role of {member.user.name}", member.permissions, position))
    mine = [{**member_json(member), "user": user_json(bot)} for member in guild.members.values() if member.user is bot]
    return {
        "id": guild.id,
        "name": guild.name,
        "owner_id": guild.owner.id,
        "roles": roles,
        "channels": [channel_json(channel, bot) for channel in guild.channels.values()],
        "members": mine,
        "member_count": len(guild.members),
        "joined_at": guild.joined_at,
        "large": False,
        "unavailable": False,
        "preferred_locale": guild.locale,
        "features": [],
        "emojis": [],
        "stickers": [],
        "threads": [channel_json(thread, bot) for thread in guild.threads.values()],
        "presences": [],
        "voice_states": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
        "icon": None,
        "splash": None,
        "discovery_splash": None,
        "description": None,
        "banner": None,
        "afk_channel_id": None,
        "afk_timeout": 300,
        "system_channel_id": None,
        "system_channel_flags": 0,
        "rules_channel_id": None,
        "public_updates_channel_id": None,
        "verification_level": 0,
        "default_message_notifications": 0,
        "explicit_content_filter": 0,
        "mfa_level": 0,
        "nsfw_level": 0,
        "premium_tier": 0,
        "premium_progress_bar_enabled": False,
    }


def application_json(state: State) -> Json:
    """Write the application as its own bot reads it."""
    install = {"scopes": ["bot", "applications.commands"], "permissions": str(int(state.install_permissions))}
    return {
        "id": state.application_id,
        "name": state.bot.name,
        "icon": None,
        "description": "Answers questions about the news.",
        "summary": "",
        "bot_public": True,
        "bot_require_code_grant": False,
        "bot": user_json(state.bot),
        "owner": user_json(state.owner),
        "team": None,
        "verify_key": "0" * 64,
        "flags": 0,
        "tags": [],
        "redirect_uris": [],
        "install_params": install,
        "integration_types_config": {
            "0": {"oauth2_install_params": install},
            "1": {"oauth2_install_params": {"scopes": ["applications.commands"], "permissions": "0"}},
        },
        "approximate_guild_count": sum(guild.bot_is_member for guild in state.guilds.values()),
        "approximate_user_install_count": sum(user.has_installed_app for user in state.users.values()),
    }


def message_json(message: Message, state: State, *, hides_content: bool = False, with_reference: bool = True) -> Json:
    """Write a message; `hides_content` empties what the message content intent protects."""
    body: Json = {
        "id": message.id,
        "channel_id": message.channel.id,
        "author": user_json(message.author),
        "content": "" if hides_content else message.content,
        "timestamp": message.sent_at,
        "edited_timestamp": message.edited_at,
        "tts": False,
        "mention_everyone": message.pings_everyone(),
        "mentions": [user_json(state.users[user_id]) for user_id in message.pings() if user_id in state.users],
        "mention_roles": [],
        "attachments": [] if hides_content else _attachments(message),
        "embeds": [] if hides_content else [{"type": "rich", **embed} for embed in message.embeds],
        "components": [] if hides_content else _numbered(message.components),
        "pinned": False,
        "type": 19 if message.reference else 0,
        "flags": message.flags,
    }
    if message.payload.get("nonce") is not None:
        body["nonce"] = message.payload["nonce"]
    if message.answers_interaction:
        body |= {"webhook_id": state.application_id, "application_id": state.application_id}
        body["interaction_metadata"] = message.interaction_json
    if message.reference is not None and with_reference:
        reference = {"type": 0, "message_id": message.reference.id, "channel_id": message.channel.id}
        if message.channel.guild is not None:
            reference["guild_id"] = message.channel.guild.id
        hides_reference = hides_content and message.reference.author is not state.bot
        told = message_json(message.reference, state, hides_content=hides_reference, with_reference=False)
        body |= {"message_reference": reference, "referenced_message": None if message.reference.deleted else told}
    return body


def _attachments(message: Message) -> list[Json]:
    return [
        {
            "id": str(number + int(message.id)),
            "filename": name,
            "size": len(blob),
            "url": f"https://cdn.discordapp.com/attachments/{message.channel.id}/{message.id}/{name}",
            "proxy_url": f"https://media.discordapp.net/attachments/{message.channel.id}/{message.id}/{name}",
        }
        for number, (name, blob) in enumerate(message.files.items())
    ]


def _numbered(components: list[Json]) -> list[Json]:
    """Copy a component tree, giving an id to each component that has none, as Discord does."""

    def copied(component: Json) -> Json:
        copy = dict(component)
        if copy.get("components"):
            copy["components"] = [copied(child) for child in copy["components"]]
        if copy.get("accessory"):
            copy["accessory"] = copied(copy["accessory"])
        return copy

    tree = [copied(component) for component in components]
    for number, component in enumerate(walk_components(tree), start=1):
        component.setdefault("id", number)
    return tree
