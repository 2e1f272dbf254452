"""Reading what was fetched: feeds, sitemaps, and pages together with what their feeds say of them."""

from __future__ import annotations

from retrieval.archive.entries import EntryRow
from retrieval.articles import Article
from retrieval.news.canonical import same_site
from retrieval.news.entries import FeedContents
from retrieval.news.extract import Page, read_page
from retrieval.news.feeds import parse_feed
from retrieval.news.fetched import Fetched
from retrieval.news.fields import address_id, make_article
from retrieval.news.opt_outs import opt_out_reason
from retrieval.news.sitemaps import SitemapContents, parse_sitemap


def feed_contents(fetched: Fetched) -> FeedContents:
    """Read a fetched feed; see `parse_feed`."""
    return parse_feed(fetched.body, url=fetched.final_url, media_type=fetched.media_type)


def sitemap_contents(fetched: Fetched) -> SitemapContents:
    """Read a fetched sitemap; see `parse_sitemap`."""
    return parse_sitemap(fetched.body, url=fetched.final_url)


def judge_page(fetched: Fetched, heeds_opt_outs: bool, is_read: bool) -> str | Page | None:
    """Say in which words a page keeps itself from us, else read it; None if it is not to be read.

    Raises:
        ArticleRejected: see `read_page`.
    """
    if heeds_opt_outs:
        reason = opt_out_reason(
            x_robots_tag=fetched.x_robots_tag, tdm_reservation=fetched.tdm_reservation, page=fetched.body
        )
        if reason is not None:
            return reason
    return read_page(fetched.body, input=fetched.final_url, url=fetched.final_url) if is_read else None


def article_of_page(page: Page, entry: EntryRow, final_url: str) -> Article:
    """Make the article of a page; what the page does not say is taken from what its feed says."""
    said = entry.fields
    url = str(page.fields.get("url") or final_url)
    fields: dict[str, object] = {**page.fields, "url": url}
    for name in ("title", "published", "updated", "authors", "language"):
        if not fields.get(name):
            fields[name] = said.get(name)
    if entry.feed_source and entry.feed_url and same_site(url, entry.feed_url):
        fields["source"] = entry.feed_source
    elif not fields.get("source"):
        fields["source"] = said.get("source")
    return make_article({**fields, "id": address_id(url)}, input=url, language_otherwise=page.language_otherwise)
