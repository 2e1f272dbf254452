"""Creates, edits and deletes the bot's messages under Discord's rules, and tells the gateway."""

from __future__ import annotations

from typing import Any

from fake_discord.events import Events
from fake_discord.limits import check_message, is_empty
from fake_discord.messages import COMPONENTS_V2, EPHEMERAL, Json, Message
from fake_discord.places import Channel
from fake_discord.refusals import empty_message, invalid_form
from fake_discord.rest import Form
from fake_discord.state import State
from fake_discord.timing import now_iso


class Postings:
    """The one way by which the bot's messages come to be and change, whatever route they came through."""

    def __init__(self, state: State, events: Events) -> None:
        self._state = state
        self._events = events

    def create(self, channel: Channel, form: Form, *, reference: Message | None = None, **marks: Any) -> Message:
        """Store a checked message of the bot and tell the gateway; `marks` are further fields of `Message`.

        Raises:
            Refusal: If the message is empty (50006) or breaks a limit (50035).
        """
        self.check(form.payload, form)
        marks.setdefault("ephemeral", bool(int(form.payload.get("flags") or 0) & EPHEMERAL))
        message = Message(
            self._state.next_id(),
            channel,
            self._state.bot,
            form.payload,
            self._state.changes,
            reference=reference,
            files=form.files,
            revisions=[form.payload],
            **marks,
        )
        self._state.add_message(message)
        self._events.message_created(message)
        return message

    def create_loading(self, channel: Channel, *, ephemeral: bool, interaction_json: Json) -> Message:
        """Store the "thinking" message of a deferred interaction."""
        message = Message(
            self._state.next_id(),
            channel,
            self._state.bot,
            {},
            self._state.changes,
            answers_interaction=True,
            ephemeral=ephemeral,
            loading=True,
            interaction_json=interaction_json,
        )
        self._state.add_message(message)
        self._events.message_created(message)
        return message

    def edit(self, message: Message, form: Form) -> None:
        """Merge a checked edit into a message and tell the gateway; the Components V2 flag cannot be taken back.

        Raises:
            Refusal: If the message it would make is empty (50006) or breaks a limit (50035).
        """
        merged = {**message.payload, **form.payload}
        flags = int(form.payload.get("flags") or 0) | (int(message.payload.get("flags") or 0) & COMPONENTS_V2)
        if flags or "flags" in merged:
            merged["flags"] = flags
        files = {**message.files, **form.files}
        self.check(merged, Form(merged, files))
        message.payload, message.files = merged, files
        message.revisions.append(form.payload)
        if not message.loading:
            message.edited_at = now_iso()
        message.loading = False
        self._events.message_edited(message)

    def delete(self, message: Message) -> None:
        """Delete a message and tell the gateway."""
        message.deleted = True
        self._events.message_deleted(message)

    def check(self, payload: Json, form: Form) -> None:
        """Refuse a payload that is empty or breaks a limit."""
        if problems := check_message(payload):
            raise invalid_form(problems)
        if is_empty(payload, list(form.files)):
            raise empty_message()
