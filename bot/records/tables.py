"""The records' tables, in portable SQL; what changes here needs a migration in `migrations/versions`."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    Dialect,
    Float,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

from retrieval.archive.tables import UtcDateTime

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
    }
)


class Words(TypeDecorator[str]):
    """What people wrote; half of an escaped pair, which no database takes, becomes a question mark."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Replace what is not valid Unicode."""
        return None if value is None else str(value).encode("utf-8", "replace").decode("utf-8")


# SQLite's rows have 64 bits by themselves if their number is called an INTEGER.
_ROW_NUMBER = BigInteger().with_variant(Integer, "sqlite")

# People, servers, channels and messages have Discord's ids, which need 63 bits.

#: Answers whose cards have buttons. A number is drawn, not counted: old cards keep theirs for ever, and a new answer
#: must not have one of those, not even in another home.
answers = Table(
    "answers",
    metadata,
    Column("number", _ROW_NUMBER, primary_key=True, autoincrement=False),
    Column("asker_id", BigInteger, nullable=False),
    Column("guild_id", BigInteger),
    Column("channel_id", BigInteger, nullable=False),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("question", Words, nullable=False),
    Column("understood_as", Words),
    Column("scope", Text),
    # The JSON contract of `bot.answering.contract`, without hits.
    Column("outcome", JSON, nullable=False),
    Index("ix_answers_asker_id", "asker_id"),
    Index("ix_answers_asked_at", "asked_at"),
)

#: Earlier questions and answers of one person in one channel, thread or direct message.
exchanges = Table(
    "exchanges",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("place_id", BigInteger, nullable=False),
    Column("user_id", BigInteger, nullable=False),
    Column("said_at", UtcDateTime, nullable=False),
    Column("question", Words, nullable=False),
    Column("answer", Words, nullable=False),
    # What the answer tells of: {"article_ids": [...], "urls": [...], "sources": [...]}.
    Column("rests_on", JSON, nullable=False),
    Index("ix_exchanges_user_id", "user_id", "place_id"),
    Index("ix_exchanges_said_at", "said_at"),
)

#: One thumb of one person on one answer; the words of both are there only with consent.
feedback = Table(
    "feedback",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("answer_number", BigInteger, nullable=False),
    Column("user_id", BigInteger, nullable=False),
    Column("given_at", UtcDateTime, nullable=False),
    Column("is_good", Boolean(create_constraint=False), nullable=False),
    Column("reason", String(40)),
    Column("status", String(12), nullable=False),
    Column("words", Words),
    Column("question", Words),
    # With the question: when it was asked, and what was answered, as in the JSON contract.
    Column("asked_at", UtcDateTime),
    Column("outcome", JSON(none_as_null=True)),
    UniqueConstraint("answer_number", "user_id"),
    Index("ix_feedback_user_id", "user_id"),
)

#: Questions that Discord was told are being answered, until their answers are there.
pending = Table(
    "pending",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("interaction_id", BigInteger),
    # With it whoever has it can write as the bot for 15 minutes.
    Column("token", Text),
    Column("application_id", BigInteger),
    Column("message_id", BigInteger),
    Column("channel_id", BigInteger, nullable=False),
    Column("guild_id", BigInteger),
    Column("user_id", BigInteger, nullable=False),
    Column("question", Words, nullable=False),
    Column("options", JSON, nullable=False),
    Column("accepted_at", UtcDateTime, nullable=False),
    Index("ix_pending_user_id", "user_id"),
)

#: What a server's managers have set.
guilds = Table(
    "guilds",
    metadata,
    Column("guild_id", BigInteger, primary_key=True, autoincrement=False),
    # None: everywhere.
    Column("channel_ids", JSON(none_as_null=True)),
    Column("opens_threads", Boolean(create_constraint=False), nullable=False),
    Column("is_private", Boolean(create_constraint=False), nullable=False),
    # None: what holds for all servers.
    Column("cooldown_s", Float),
    Column("model_answers_a_day", Integer),
)

#: Answers written by a chat model, a day (UTC) and server; 0 is direct messages and people's own installs.
quotas = Table(
    "quotas",
    metadata,
    Column("day", Date, primary_key=True),
    Column("guild_id", BigInteger, primary_key=True, autoincrement=False),
    Column("used", Integer, nullable=False),
)

#: Who wanted to be forgotten, by slow salted hashes: so that no backup brings back what they had left before.
forgotten_people = Table(
    "forgotten_people",
    metadata,
    Column("salt", String(32), primary_key=True),
    Column("key", String(64), primary_key=True),
    Column("forgotten_at", UtcDateTime, nullable=False),
)

#: At most one row: what a forgetting of articles has begun to look for here, so that a killed one is finished.
erasing = Table(
    "erasing",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("names", JSON, nullable=False),
    Column("stems", JSON, nullable=False),
)
