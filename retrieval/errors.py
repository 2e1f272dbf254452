"""What can go wrong in retrieval. Errors carry data; their sentences for people stand in bot/rendering/problems.py.

* RetrievalError
  x InputNotFound             a path to take in does not exist
  + ArticleRejected           one article cannot be taken in; the others can (raised itself, too)
    x PaywallStub             only the beginning of the article stands in the page
    x ConsentWall             the page asks for consent instead of showing the article
    x BotCheck                the page asks for proof that a person reads it, or for a script
    x PageNotFound            the page says that there is no such page
  x ArticleUnknown            the archive holds no article of this name
  x FeedUnknown               the home has no feed of this name
  x FeedUnreadable            what was fetched as a feed is none
  + FetchFailed               an address brought no answer, or none that may be taken
    + UrlBlocked              it is none that may be fetched (raised itself, too)
      x HostBlocked           its name leads into a private network, which may change
    x HostNotFound            its host has no address
    x HostBusy                its host asked for a pause, or too much is waiting for it
    x ConnectionFailed        nobody answers there, or not in HTTP
    x FetchTimedOut           the answer was not whole in time
    x TooManyRedirects        it leads on and on
    x RobotsForbid            its robots.txt forbids it
    x BodyTooLarge            the answer is larger than what is taken
    x BodyUndecodable         the answer is packed in a way that cannot be unpacked
  x ExtractionUnavailable     the processes that read pages cannot be started
  x EmbeddingModelMissing     the named model is not on this machine
  x EmbeddingModelTampered    the packaged weights are not the published ones
  x RerankerModelUnusable     the model that reranks cannot be loaded
  x EmbeddingNotExported      the embedding model cannot be made ready for ONNX Runtime
  + IndexUnusable
    x IndexMismatch           made by another model, splitter or schema
    x IndexUnfinished         a rebuild was begun and not finished
  x ArchiveTooNew             the archive was written by a later Dateline
  x ArchiveUnreadable         the archive's database is damaged, full or not writable
  x NothingToForget           no article and no publisher has the name
  x BackupUnwritable          a backup cannot be written where it should be
  x BackupUnreadable          a backup is damaged, or none
  x VectorStoreUnavailable    Chroma cannot be opened or does not answer
  x QueueFull                 too much work is waiting already
  + HomeUnavailable
    x HomeInUse               another process owns the home
    x HomeOwnerSilent         the owner of the home does not answer on its socket
    x HomeNotEmpty            a backup would replace what the home holds
"""

from __future__ import annotations

import copyreg
from typing import Any


class RetrievalError(Exception):
    """Root of everything the engine raises on purpose."""

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle without the constructor, which takes other things than its message, to come from another process."""
        return copyreg.__newobj__, (type(self), *self.args), self.__dict__  # type: ignore[attr-defined]


class InputNotFound(RetrievalError):
    """A path to take in does not exist or cannot be read."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


class ArticleRejected(RetrievalError):
    """One article cannot be taken in.

    Attributes:
        input: where it stands, such as "news.jsonl:17".
        reason: what is wrong with it and what would mend it, in one sentence.
    """

    def __init__(self, input: str, reason: str) -> None:
        super().__init__(f"{input}: {reason}")
        self.input = input
        self.reason = reason


class PaywallStub(ArticleRejected):
    """Only the beginning of the article stands in the page; the rest is for subscribers or for who logs in."""


class ConsentWall(ArticleRejected):
    """The page asks for consent to cookies or advertising instead of showing the article."""


class BotCheck(ArticleRejected):
    """The page asks for proof that a person reads it, or shows itself only by a script."""


class PageNotFound(ArticleRejected):
    """The page says that there is no such page, though it came with a status of success."""


class ExtractionUnavailable(RetrievalError):
    """The processes that read pages cannot be started."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class ArticleUnknown(RetrievalError):
    """The archive holds no article of this id or address."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class FeedUnknown(RetrievalError):
    """The home has no feed of this number or address."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class FeedUnreadable(RetrievalError):
    """What was fetched as a feed, sitemap or list of feeds is none.

    Attributes:
        url: where it was fetched, or the file it was read from.
        reason: what it is instead, such as "it is a web page".
    """

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(f"{url}: {reason}")
        self.url = url
        self.reason = reason


class FetchFailed(RetrievalError):
    """An address brought no answer, or none that may be taken; a status such as 404 is an answer.

    Attributes:
        url: what was asked for when it failed, which after redirects is not where the fetch began.
    """

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(f"{url}: {reason}")
        self.url = url
        self.reason = reason


class UrlBlocked(FetchFailed):
    """The URL is none that may be fetched, or its host lies in a private network."""


class HostBlocked(UrlBlocked):
    """The URL's host has a public name, but its name servers say that it lies in a private network."""


class HostNotFound(FetchFailed):
    """The URL's host has no address, or its name servers do not answer."""


class HostBusy(FetchFailed):
    """The URL's host asked for a pause, or so much waits for it already that waiting too would take too long.

    Attributes:
        wait_s: seconds from now until asking again makes sense.
    """

    def __init__(self, url: str, wait_s: float) -> None:
        super().__init__(url, f"its host is not asked again for {wait_s:.0f} s")
        self.wait_s = wait_s


class ConnectionFailed(FetchFailed):
    """No connection, a broken one, or an answer that is no HTTP."""


class FetchTimedOut(FetchFailed):
    """The answer, redirects included, was not whole in time."""

    def __init__(self, url: str, timeout_s: float) -> None:
        super().__init__(url, f"not there within {timeout_s:g} s")
        self.timeout_s = timeout_s


class TooManyRedirects(FetchFailed):
    """The URL leads on more often than we follow, or in a circle."""

    def __init__(self, url: str, redirects: int) -> None:
        super().__init__(url, f"leads on after {redirects} redirects")
        self.redirects = redirects


class RobotsForbid(FetchFailed):
    """The host's robots.txt forbids it, or cannot be read and so counts as forbidding.

    Attributes:
        is_read: whether the robots.txt was read; one that was not may be tomorrow.
    """

    def __init__(self, url: str, reason: str, *, is_read: bool = True) -> None:
        super().__init__(url, reason)
        self.is_read = is_read


class BodyTooLarge(FetchFailed):
    """The answer is larger, unpacked, than what is taken."""

    def __init__(self, url: str, limit_bytes: int) -> None:
        super().__init__(url, f"larger than {limit_bytes} bytes")
        self.limit_bytes = limit_bytes


class BodyUndecodable(FetchFailed):
    """The answer is packed in a way that was not asked for, or its packing is damaged."""


class EmbeddingModelMissing(RetrievalError):
    """The named embedding model or entity tagger cannot be loaded from this machine."""

    def __init__(self, model: str, detail: str) -> None:
        super().__init__(f"{model}: {detail}")
        self.model = model
        self.detail = detail


class EmbeddingModelTampered(RetrievalError):
    """The packaged weights differ from those that were chosen, so what they make cannot be trusted."""

    def __init__(self, path: str, expected: str, found: str) -> None:
        super().__init__(f"{path}: expected SHA-256 {expected}, found {found}")
        self.path = path
        self.expected = expected
        self.found = found


class RerankerModelUnusable(RetrievalError):
    """The setting `retrieval.reranker_model` names no cross-encoder for ranking that can be loaded here."""

    def __init__(self, model: str, detail: str) -> None:
        super().__init__(f"{model}: {detail}")
        self.model = model
        self.detail = detail


class EmbeddingNotExported(RetrievalError):
    """The embedding model cannot be exported for ONNX Runtime, or what came of it is not near enough to it."""

    def __init__(self, model: str, detail: str) -> None:
        super().__init__(f"{model}: {detail}")
        self.model = model
        self.detail = detail


class IndexUnusable(RetrievalError):
    """The index must be made anew before it can be searched."""


class IndexMismatch(IndexUnusable):
    """The index was made by another model, splitter or schema than the settings name."""

    def __init__(self, differences: dict[str, tuple[str, str]]) -> None:
        super().__init__(", ".join(f"{k}: index {a}, settings {b}" for k, (a, b) in differences.items()))
        self.differences = differences


class IndexUnfinished(IndexUnusable):
    """A rebuild of the index was begun and not finished."""

    def __init__(self, done: int, total: int) -> None:
        super().__init__(f"{done} of {total} articles are indexed anew")
        self.done = done
        self.total = total


class ArchiveTooNew(RetrievalError):
    """The archive's schema is newer than this program's."""

    def __init__(self, path: str, revision: str) -> None:
        super().__init__(f"{path}: revision {revision}")
        self.path = path
        self.revision = revision


class ArchiveUnreadable(RetrievalError):
    """The archive's database is damaged, full or not writable."""

    def __init__(self, path: str, detail: str) -> None:
        super().__init__(f"{path}: {detail}")
        self.path = path
        self.detail = detail


class NothingToForget(RetrievalError):
    """No article and no publisher that the archive knows has this name.

    Attributes:
        name: what was to be forgotten.
        nearest: the publisher whose name is most like it, or None.
    """

    def __init__(self, name: str, nearest: str | None) -> None:
        super().__init__(f"{name}, nearest {nearest}")
        self.name = name
        self.nearest = nearest


class BackupUnwritable(RetrievalError):
    """A backup cannot be written; what is unfinished of it has been removed."""

    def __init__(self, path: str, detail: str) -> None:
        super().__init__(f"{path}: {detail}")
        self.path = path
        self.detail = detail


class BackupUnreadable(RetrievalError):
    """A file is no backup, or a damaged one; nothing of it has been restored."""

    def __init__(self, path: str, detail: str) -> None:
        super().__init__(f"{path}: {detail}")
        self.path = path
        self.detail = detail


class VectorStoreUnavailable(RetrievalError):
    """Chroma cannot be opened, or its server does not answer."""

    def __init__(self, where: str, detail: str) -> None:
        super().__init__(f"{where}: {detail}")
        self.where = where
        self.detail = detail


class QueueFull(RetrievalError):
    """Too many questions are waiting; the caller should try again later."""

    def __init__(self, waiting: int) -> None:
        super().__init__(f"{waiting} waiting")
        self.waiting = waiting


class HomeUnavailable(RetrievalError):
    """The folder that holds the archive and the index cannot be used by this process now."""


class HomeInUse(HomeUnavailable):
    """Another process owns the home and takes no commands from others.

    Attributes:
        home: the folder.
        owner: the owner's command, such as "dateline ingest", or None if it left no word.
        pid: its process id, or None.
        since: when it took the home, ISO 8601, or None.
    """

    def __init__(self, home: str, owner: str | None, pid: int | None, since: str | None) -> None:
        super().__init__(f"{home}: owned by {owner} (process {pid}) since {since}")
        self.home = home
        self.owner = owner
        self.pid = pid
        self.since = since


class HomeOwnerSilent(HomeUnavailable):
    """The process that serves the home broke off, or does not answer on its socket."""

    def __init__(self, home: str, detail: str) -> None:
        super().__init__(f"{home}: {detail}")
        self.home = home
        self.detail = detail


class HomeNotEmpty(HomeUnavailable):
    """The home holds something that a backup would replace, and nobody said that it should.

    Attributes:
        home: the folder.
        articles: how many it holds, feeds counted too; 0 where its archive cannot be read.
    """

    def __init__(self, home: str, articles: int) -> None:
        super().__init__(f"{home}: {articles} articles")
        self.home = home
        self.articles = articles
