"""Every form of intake on real files, from a server on this machine: is what comes of each what was expected of it?

.venv/bin/python tests/benchmarks/sample_forms.py --data PATH

PATH holds the folders "feeds", "opml", "newsml-g2", "ninjs" and "warc": real feeds and lists of feeds, the IPTC's
examples, the test files of a WARC library. EXPECTED was written from reading the files, before the first run. All is
taken into one home by URL: feeds are added and collected, lists imported, all else ingested. No other host has an
address, so that every page of every feed is out of reach and what its feed says of it must be kept as an excerpt.
Then the feeds are taken into another home from their files: as many excerpts must come of each, and the same entries be
told. Prints one line of JSON for each file and two summaries; the exit code is 1 if anything differs.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import threading
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import func, select

from bot.feeds import FeedOperations
from bot.ingesting import Ingesting
from config.settings import load_settings
from retrieval.archive.archive import utc_now
from retrieval.archive.feed_tables import entries, entry_feeds, feeds
from retrieval.archive.tables import articles
from retrieval.articles import published_text
from retrieval.build import Engine, open_engine, open_intake
from retrieval.testing import HashingEmbedder

_SHOWN = 3


@dataclass(frozen=True)
class Outcome:
    """What comes of a file.

    Attributes:
        kind: "feed", "list" or "file".
        whole: articles that are whole.
        excerpts: articles of which a part is kept, marked so.
        rejected: what is rejected; of a feed, entries of which nothing can be kept.
        word: stands in the reason of every rejection.
        withdrawn: articles taken back.
        feeds: that a list brings.
    """

    kind: str
    whole: int = 0
    excerpts: int = 0
    rejected: int = 0
    word: str = field(default="", compare=False)
    withdrawn: int = 0
    feeds: int = 0


def _feed(excerpts: int, rejected: int = 0) -> Outcome:
    return Outcome("feed", excerpts=excerpts, rejected=rejected, word="no such host" if rejected else "")


def _list(count: int) -> Outcome:
    return Outcome("list", feeds=count, rejected=1, word="feeds import")


def _whole(count: int = 1) -> Outcome:
    return Outcome("file", whole=count)


def _no(word: str, count: int = 1) -> Outcome:
    return Outcome("file", rejected=count, word=word)


_EXCERPT = Outcome("file", excerpts=1)

EXPECTED = {
    "feeds/feedparser-large_atom_feed_that_needs_css_sanitisation.xml": _feed(15),
    "feeds/miniflux-large_atom.xml": _feed(25),
    "feeds/miniflux-small_atom.xml": _feed(20),
    "feeds/rss-parser-encoding.rss": _feed(36, 4),  # four have a picture for a text
    "feeds/rss-parser-guardian.rss": _feed(55),
    "feeds/rss-parser-heise.atom": _feed(15),
    "feeds/rss-parser-itunes-href.rss": _feed(10),
    "feeds/rss-parser-itunes-keywords-astext.rss": _feed(32),
    "feeds/rss-parser-reddit-atom.rss": _feed(24),
    "feeds/rss-parser-reddit-home.rss": _feed(24),
    "feeds/rss-parser-reddit.rss": _feed(24),
    "feeds/rss-parser-uolNoticias.rss": _feed(11, 4),  # four have no text
    "opml/Bangladesh.opml": _list(8),
    "opml/France.opml": _list(11),
    "opml/Germany.opml": _list(5),
    "opml/News.opml": _list(11),
    "newsml-g2/LISTING_1_A_NewsML-G2_News_Item.xml": _no("no text"),
    "newsml-g2/LISTING_2_NewsML-G2_Text_Document.xml": _whole(),
    "newsml-g2/LISTING_6_Simple_NewsML-G2_Package.xml": _no("package"),
    "newsml-g2/LISTING_24_News_Message_conveying_a_complete_News_Package.xml": _no(
        "", 5
    ),  # a package, four empty items
    "newsml-g2/LISTING_25_An_NITF_marked-up_article_conveyed_in_inlineXML.xml": _no("unknown form"),  # a fragment
    "newsml-g2/LISTING_28_Illustrating_Located_Subject_and_Dateline.xml": _no("unknown form"),  # a fragment
    "newsml-g2/ap_metadata_example.xml": _no("video"),
    "ninjs/1.4/businesswire-newsml-20130515006361.json": _whole(),
    "ninjs/1.4/businesswire-newsml-20130605006126.json": _whole(),
    "ninjs/1.4/businesswire-newsml-20130612006110.json": _whole(),
    "ninjs/1.4/businesswire-newsml-20130731006140.json": _whole(),
    "ninjs/1.4/ninjs-1-4-examples.json": _no("text"),
    "ninjs/1.4/ninjsExComplex1.json": _whole(),
    "ninjs/1.4/ninjsExComplex2.json": _whole(),
    "ninjs/1.4/ninjsExMediumText1.json": _whole(),
    "ninjs/1.4/ninjsExSimplePhoto1.json": _no("picture"),
    "ninjs/1.4/ninjsExSimpleText1.json": _whole(),
    "ninjs/2.1/SIPA_image_2.json": _no("picture"),
    "ninjs/2.1/ap_audio.json": _no("audio"),
    "ninjs/2.1/ap_image.json": _no("picture"),
    "ninjs/2.1/ap_video.json": _no("video"),
    "ninjs/2.1/businesswire-newsml-20130605006126.json": _whole(),
    "ninjs/2.1/businesswire-newsml-20130731006140.json": _whole(),
    "ninjs/2.1/dpa_text.json": _whole(),
    "ninjs/2.1/imageEncodedRights.json": _no("picture"),
    "ninjs/2.1/imageLinkedRights.json": _no("picture"),
    "ninjs/2.1/ninjsExSimpleText_2.json": _whole(),
    "ninjs/2.1/ntb_text.json": _EXCERPT,
    "ninjs/2.1/schema-extension/extension-example.json": _whole(),
    "ninjs/2.1/schema-extension/extension-schema.json": _no("no text"),
    "ninjs/2.1/tt_text_image_2.json": _whole(),
    "ninjs/3.0/20231004-UEFA-ChampionLeague.json": _no("event"),
    "ninjs/3.0/20231005-65-addb-event.json": _no("event"),
    "ninjs/3.0/20231008-anti-doping-measures-at-the-tour-down-under-will-be-the-toughest-ever-addb-ninjs-nitf.json": (
        _whole()
    ),
    "ninjs/3.0/20231016-addb-example-press-conference.json": _no("event"),
    "ninjs/3.0/SIPA_image_3.json": _no("picture"),
    "ninjs/3.0/ap_audio.json": _no("audio"),
    "ninjs/3.0/ap_image.json": _no("picture"),
    "ninjs/3.0/ap_video.json": _no("video"),
    "ninjs/3.0/businesswire-newsml-20130605006126.json": _whole(),
    "ninjs/3.0/businesswire-newsml-20130731006140.json": _whole(),
    "ninjs/3.0/collection/20231016-event-timeline-sample.json": _no("event", 14),
    "ninjs/3.0/dpa_text.json": _whole(),
    "ninjs/3.0/imageEncodedRights.json": _no("picture"),
    "ninjs/3.0/imageLinkedRights.json": _no("picture"),
    "ninjs/3.0/ninjsExSimpleText_3.json": _whole(),
    "ninjs/3.0/ntb_text.json": _EXCERPT,
    "ninjs/3.0/simpleEvent.json": _no("event"),
    "ninjs/3.0/tt_event_pressconference_3.0.json": _no("event"),
    "ninjs/3.0/tt_text_image_3.json": _whole(),
    "warc/example-bad-non-chunked.warc.gz": _whole(),
    "warc/example-bad.warc.gz.bad": _whole(),
    "warc/example-digest.warc": _no("no articles"),  # requests only
    "warc/example-iana.org-chunked.warc": _whole(),
    "warc/example-resource.warc.gz": _whole(),
    "warc/example-space-in-target-uri.warc.gz": _no("no articles"),  # a picture
    "warc/example-trunc.warc": Outcome("file", whole=1, rejected=1, word="damaged"),
    "warc/example-wget-bad-target-uri.warc.gz": _whole(),
    "warc/example-wrong-chunks.warc.gz": _whole(),
    "warc/example.warc": _whole(),
    "warc/example.warc.gz": _whole(),
    "warc/post-test.warc.gz": _no("no articles"),  # JSON
}


def main() -> None:
    """Serve the files, take them in, compare, print; exit code 1 if anything differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--excerpts", action="store_true", help="print also what is kept of each feed's first entries")
    given = parser.parse_args()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Files, directory=str(given.data)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        with tempfile.TemporaryDirectory() as home, tempfile.TemporaryDirectory() as other:
            differing = asyncio.run(_compare(Path(home), given.data, server.server_address[1], given.excerpts))
            differing += asyncio.run(_compare_saved(Path(other), given.data))
    finally:
        server.shutdown()
        server.server_close()
    sys.exit(bool(differing))


class _Files(SimpleHTTPRequestHandler):
    """Serves a folder as servers do that know few endings."""

    def guess_type(self, path: Any) -> str:
        endings = {".xml": "application/xml", ".json": "application/json", ".rss": "application/rss+xml"}
        return endings.get(Path(path).suffix, "application/octet-stream")

    def log_message(self, format: str, *args: Any) -> None:
        pass


async def _resolve_nothing(host: str, port: int) -> list[str]:
    raise OSError("no such host")


async def _compare(home: Path, data: Path, port: int, shows_excerpts: bool) -> int:
    defaults = load_settings()
    settings = defaults.intake.model_copy(update={"private_hosts": [f"127.0.0.1:{port}"], "host_delay_s": 0.0})
    embedding = defaults.embedding.model_copy(update={"tagger": "rules"})
    intake = partial(open_intake, settings=settings, version="0", resolve=_resolve_nothing)
    there = {
        str(path.relative_to(data))
        for folder in sorted({name.partition("/")[0] for name in EXPECTED})
        for path in (data / folder).rglob("*")
        if path.is_file()
    }
    differing = 0
    async with open_engine(home, defaults.retrieval, embedding, load=HashingEmbedder) as engine:
        await engine.indexer.open()
        operations = FeedOperations(engine, intake, now=utc_now)
        try:
            for name in sorted(there | set(EXPECTED), key=lambda name: (name.startswith("opml"), name)):
                url = f"http://127.0.0.1:{port}/{quote(name)}"
                expected = EXPECTED.get(name)
                found, reasons = await _take(
                    engine, operations, expected.kind if expected else "file", url, data / name
                )
                is_as_expected = found == expected and all(expected.word in reason for reason in reasons)
                differing += not is_as_expected
                told = {
                    "file": name,
                    "is_as_expected": is_as_expected,
                    **asdict(found),
                    "reasons": sorted(set(reasons)),
                }
                if not is_as_expected:
                    told["expected"] = expected and asdict(expected)
                print(json.dumps(told, ensure_ascii=False))  # noqa: T201 - a benchmark's output
                if shows_excerpts and found.kind == "feed":
                    _show_excerpts(engine, url)
            # The feeds of the lists are out of reach: each says so, and nothing ends.
            await (await operations.intake()).catch_up()
            with engine.archive.reading() as connection:
                unreachable = connection.execute(select(feeds.c.url).where(feeds.c.problem.is_not(None))).all()
        finally:
            await operations.close()
        counted = {"files": len(there), "differing": differing, "feeds_out_of_reach": len(unreachable)}
        print(json.dumps(counted | _totals(engine)))  # noqa: T201
    listed = sum(one.feeds for one in EXPECTED.values())
    return differing + (len(unreachable) != listed)


async def _compare_saved(home: Path, data: Path) -> int:
    """Take in the saved feeds by file; how many come to something else than those that were fetched."""
    defaults = load_settings()
    settings = defaults.intake.model_copy(update={"host_delay_s": 0.0})
    embedding = defaults.embedding.model_copy(update={"tagger": "rules"})
    intake = partial(open_intake, settings=settings, version="0", resolve=_resolve_nothing)
    differing, excerpts = [], 0
    async with open_engine(home, defaults.retrieval, embedding, load=HashingEmbedder) as engine:
        await engine.indexer.open()
        operations = FeedOperations(engine, intake, now=utc_now)
        try:
            for name, expected in EXPECTED.items():
                if expected.kind == "feed":
                    report = (await _last(Ingesting(engine, operations).take_in([str(data / name)])))["report"]
                    excerpts += report["added"]
                    told = sum("no such host" in one["reason"] for one in report["rejected"])
                    if (report["added"], told) != (expected.excerpts, expected.excerpts + expected.rejected):
                        differing.append({"file": name, "added": report["added"], "rejected": report["rejected"][:5]})
        finally:
            await operations.close()
    print(json.dumps({"saved_excerpts": excerpts, "differing": differing}, ensure_ascii=False))  # noqa: T201
    return len(differing)


async def _take(
    engine: Engine, operations: FeedOperations, kind: str, url: str, path: Path
) -> tuple[Outcome, list[str]]:
    """Take in one file by its URL; what came of it, and the reasons of all rejections."""
    if kind == "feed":
        await _last(operations.add({"url": url}))
        await (await operations.intake()).catch_up()
        return _outcome_of_feed(engine, url)
    report = (await _last(Ingesting(engine, operations).take_in([url])))["report"]
    reasons = [one["reason"] for one in report["rejected"]]
    assert all(one["input"].startswith(url) for one in report["rejected"])
    if kind == "list":
        imported = (await _last(operations.take_list({"url": url})))["report"]
        return Outcome(kind, feeds=imported["added"], rejected=len(reasons)), reasons
    taken = report["added"] + report["updated"] + report["unchanged"]
    excerpts = taken if _is_excerpt(engine, path) else 0
    return Outcome(kind, taken - excerpts, excerpts, len(reasons), withdrawn=report["withdrawn"]), reasons


def _outcome_of_feed(engine: Engine, url: str) -> tuple[Outcome, list[str]]:
    whole = excerpts = 0
    reasons = []
    for entry in _entries(engine, url):
        article = entry.article_id and engine.archive.current(entry.article_id)
        if not article:
            reasons.append(entry.reason)
        elif article.is_excerpt:
            assert entry.reason, entry
            excerpts += 1
        else:
            whole += 1
    return Outcome("feed", whole, excerpts, len(reasons)), reasons


def _entries(engine: Engine, url: str) -> list[Any]:
    wanted = (
        select(entries)
        .join(entry_feeds, entry_feeds.c.entry_id == entries.c.id)
        .join(feeds, feeds.c.id == entry_feeds.c.feed_id)
        .where(feeds.c.url == url)
        .order_by(entries.c.id)
    )
    with engine.archive.reading() as connection:
        return list(connection.execute(wanted))


def _is_excerpt(engine: Engine, path: Path) -> bool:
    """Whether the article that a file of JSON names by its URI is kept as an excerpt."""
    if path.suffix != ".json" or not isinstance(parsed := json.loads(path.read_bytes()), dict):
        return False
    article = engine.archive.current(str(parsed.get("uri")))
    return article is not None and article.is_excerpt


def _show_excerpts(engine: Engine, url: str) -> None:
    for entry in _entries(engine, url)[:_SHOWN]:
        article = entry.article_id and engine.archive.current(entry.article_id)
        if article:
            shown = {
                "title": article.title,
                "source": article.source,
                "url": article.url,
                "published": published_text(article.published_at, article.published_precision),
                "language": article.language,
                "authors": article.authors,
                "is_excerpt": article.is_excerpt,
                "text": article.text[:600],
            }
            print(json.dumps(shown, ensure_ascii=False, indent=1))  # noqa: T201


def _totals(engine: Engine) -> dict[str, int]:
    with engine.archive.reading() as connection:
        count = select(func.count()).select_from
        return {
            "articles": connection.scalar(count(articles)) or 0,
            "entries": connection.scalar(count(entries)) or 0,
            "feeds": connection.scalar(count(feeds)) or 0,
        }


async def _last(events: AsyncIterator[dict[str, Any]]) -> dict[str, Any]:
    last: dict[str, Any] = {}
    async for event in events:
        last = event
    return last


if __name__ == "__main__":
    main()
