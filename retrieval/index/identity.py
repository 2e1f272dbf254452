"""Which article is this? What comes in is given the id under which the archive keeps it, or a place of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from retrieval.archive.aliases import AliasKind, AliasLedger, Known
from retrieval.archive.scopes import scoped_id
from retrieval.archive.standing import hold
from retrieval.archive.stories import story_of
from retrieval.articles import Article
from retrieval.news.canonical import same_site
from retrieval.news.duplicates import WINDOW_DAYS
from retrieval.news.fields import address_id


@dataclass(slots=True)
class Resolution:
    """What is to be done with a batch of articles.

    Attributes:
        taken: those to store, in order, each under the id by which the archive keeps it.
        unchanged: how many say nothing new.
        aliases: what leads where from now on.
        parted: aliases that lead nowhere any more: what comes under them tells another story now.
        released: (article id, version) of those that were held back and need not be any longer.
        held: (article id, until when) of those that are held back, as their publisher says now.
    """

    taken: list[Article] = field(default_factory=list)
    unchanged: int = 0
    aliases: dict[str, tuple[str, AliasKind]] = field(default_factory=dict)
    parted: list[str] = field(default_factory=list)
    released: list[tuple[str, str]] = field(default_factory=list)
    held: list[tuple[str, datetime | None]] = field(default_factory=list)


class Identities:
    """Tells what each article that comes is in the archive. Stateless but for the ledger that it reads.

    An article is known by its id, else by its canonical address, else by its story: an equal title and an equal text
    of the same publisher within three days. Equal stories of two publishers are two articles, which `CopyLinker` links.
    An article of a scope is compared with those of that scope alone, under ids that are its own.
    An excerpt never replaces the whole text, nor an older version a newer one, and what its publisher took back stays
    so until it comes with words that the archive does not hold.
    """

    def __init__(self) -> None:
        self._ledger = AliasLedger()

    def resolve(
        self, connection: Connection, batch: Sequence[Article], now: datetime, scope: str | None = None
    ) -> Resolution:
        """Resolve a batch in order, writing nothing; later articles of it see the earlier ones.

        Args:
            connection: to read from.
            batch: what came, each under the id with which it came.
            now: aware UTC; an embargo after it still holds.
            scope: who is to see them.
        """
        batch = [replace(article, id=scoped_id(article.id, scope)) for article in batch] if scope else batch
        state = _State(self._ledger, connection, batch, now, scope)
        for article in batch:
            state.take(article)
        return state.resolution

    def keep(self, connection: Connection, resolution: Resolution) -> None:
        """Store what leads where, in the transaction that stores the articles themselves."""
        for article_id, until in resolution.held:
            hold(connection, article_id, until)
        self._ledger.remove(connection, resolution.parted)
        self._ledger.add(connection, resolution.aliases)

    def kept_id(self, connection: Connection, article_id: str) -> str:
        """Give the id under which the archive keeps an article that may be named by an alias; else the same id."""
        return self._ledger.kept_id(connection, article_id)


class _State:
    """What is known while a batch is gone through: the archive's state, and what the batch itself has added."""

    def __init__(
        self,
        ledger: AliasLedger,
        connection: Connection,
        batch: Sequence[Article],
        now: datetime,
        scope: str | None,
    ) -> None:
        self._ledger, self._connection, self._now, self._scope = ledger, connection, now, scope
        ids = [i for article in batch for i in self._ids(article)]
        self._leads = ledger.resolve(connection, ids)
        self._known = ledger.known(connection, [self._leads[i][0] if i in self._leads else i for i in ids])
        self._telling = ledger.telling(connection, [story_of(one.title, one.text) for one in batch], scope)
        self.resolution = Resolution()

    def take(self, article: Article) -> None:
        """Decide about one article."""
        story = story_of(article.title, article.text)
        kept, kind = self._find_by_id(article, story)
        if kept is not None and kept.scope != self._scope:  # an id that was made up to be another scope's
            self.resolution.unchanged += 1
            return
        if kept is None:
            kept = next((one for one in self._telling.get(story, ()) if _is_same_news(article, one)), None)
            kind = AliasKind.STORY
        if kept is None:
            self._store(article, story)
            self._lead(article, article.id, AliasKind.ID)
            return
        if kind is AliasKind.STORY:  # what its other self says of date or authors is no newer version
            self.resolution.unchanged += 1
        else:
            self._update(replace(article, id=kept.id), story, kept)
        self._lead(article, kept.id, kind)

    def _find_by_id(self, article: Article, story: str) -> tuple[Known | None, AliasKind]:
        for one in self._ids(article):
            leads_to, kind = self._leads.get(one, (one, AliasKind.ID))
            kept = self._known.get(leads_to)
            if kept is None:
                continue
            if kind is AliasKind.ID or kept.story == story:
                return kept, kind
            # Two articles once told the same; this one tells something else now, so it stands by itself again.
            del self._leads[one]
            self.resolution.aliases.pop(one, None)
            self.resolution.parted.append(one)
        return None, AliasKind.ID

    def _update(self, article: Article, story: str, kept: Known) -> None:
        version = article.version
        if version == kept.version:
            if kept.is_held and article.is_embargoed(self._now):
                self.resolution.held.append((kept.id, article.embargoed_until))
            elif kept.is_held and not kept.is_withdrawn:
                self.resolution.released.append((kept.id, version))
        elif not self._is_behind(article, version, kept):
            self._store(article, story)
            return
        self.resolution.unchanged += 1

    def _is_behind(self, article: Article, version: str, kept: Known) -> bool:
        if article.is_excerpt and not kept.is_excerpt:
            return True
        if article.updated_at is not None and kept.updated_at is not None and article.updated_at < kept.updated_at:
            return True
        return kept.is_withdrawn and self._ledger.holds(self._connection, kept.id, version)

    def _store(self, article: Article, story: str) -> None:
        self.resolution.taken.append(article)
        stored = Known(
            id=article.id,
            version=article.version,
            story=story,
            source=article.source,
            url=article.url,
            published_at=article.published_at,
            is_excerpt=article.is_excerpt,
            updated_at=article.updated_at,
            is_withdrawn=False,
            is_held=article.is_embargoed(self._now),
            scope=self._scope,
        )
        self._known[article.id] = stored
        self._telling.setdefault(story, []).append(stored)

    def _lead(self, article: Article, kept_id: str, kind: AliasKind) -> None:
        for one in self._ids(article):
            if one != kept_id and one not in self._leads and one not in self._known:
                self._leads[one] = self.resolution.aliases[one] = (kept_id, kind)

    def _ids(self, article: Article) -> list[str]:
        """List what an article may be known by: its id, then its address."""
        by_address = [scoped_id(address_id(article.url), self._scope)] if article.url else []
        return list(dict.fromkeys([article.id, *by_address]))


def _is_same_news(article: Article, kept: Known) -> bool:
    if kept.is_withdrawn:
        return False
    at, kept_at = article.published_at, kept.published_at
    if at is not None and kept_at is not None and abs(at - kept_at) > timedelta(days=WINDOW_DAYS):
        return False  # the same words at another time are a notice that recurs
    # A page says itself who publishes it: where both have an address, only that tells.
    if article.url is not None and kept.url is not None:
        return same_site(article.url, kept.url)
    return article.source is None or kept.source is None or article.source.casefold() == kept.source.casefold()
