"""A web page to an article: its text without the page around it, and what it says about itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lxml.html import HtmlElement  # type: ignore[import-untyped]
from trafilatura.utils import load_html

from retrieval.articles import Article
from retrieval.errors import ArticleRejected, BotCheck, ConsentWall, PageNotFound, PaywallStub
from retrieval.news.decoding import decode_page
from retrieval.news.fields import make_article, one_line
from retrieval.news.language import DEFAULT_LANGUAGE
from retrieval.news.page_metadata import PageMetadata, read_metadata
from retrieval.news.page_text import article_text, visible_tree
from retrieval.news.paywalls import Stub, StubKind, find_stub

_REJECTIONS: Mapping[StubKind, tuple[type[ArticleRejected], str]] = {
    StubKind.PAYWALL: (PaywallStub, "save the page as a subscriber sees it"),
    StubKind.CONSENT: (ConsentWall, "save the page after the dialogue is closed"),
    StubKind.BOT_CHECK: (BotCheck, "save the page as your browser shows it"),
    StubKind.NEEDS_SCRIPTS: (BotCheck, "save the page as your browser shows it"),
    StubKind.NOT_FOUND: (PageNotFound, "look for the article's new address"),
}


@dataclass(frozen=True, slots=True)
class Page:
    """What the publisher says in a page, ready to become an article.

    Attributes:
        fields: as `make_article` takes them: title, source, url, published, updated, text, authors. The URL, which
            names the article, is of the site that the page was fetched from. The title is None where there is none.
        canonical_url: the address that the page gives itself, on whatever site; another site's tells of a copy.
        language_otherwise: the language that the page states, for texts too short to tell.
        opts_out: in which words the page forbids that it is kept, or None.
    """

    fields: Mapping[str, object]
    canonical_url: str | None
    language_otherwise: str
    opts_out: str | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """A page as it was read, before it is judged.

    Attributes:
        text: the article's, one paragraph a line; empty if there is none.
        metadata: what the page says beside it.
        stub: the verdict that the text is not the article's.
    """

    text: str
    metadata: PageMetadata
    stub: Stub | None


def read_page(raw: bytes, *, input: str, url: str | None, title_otherwise: str | None = None) -> Page:
    """Read what a publisher says in a web page. Nothing is fetched and no entity but HTML's own is expanded.

    The title is not repeated in the text. Each line of the page is a paragraph. Title, dates, authors and source are
    what the page states, or missing. See `article_text` and `read_metadata`.

    Args:
        raw: the bytes of the page.
        input: how the place is named in the rejection.
        url: where the page was fetched, if it was.
        title_otherwise: the title where the page has none.

    Raises:
        PaywallStub, ConsentWall, BotCheck, PageNotFound: that stands in the page instead of the article.
        ArticleRejected: the page has no article text, or bytes in the article cannot be decoded.
    """
    html, bad_byte = decode_page(raw)
    try:
        tree = load_html(html) if html.strip() else None
        reading = None if tree is None else read_tree(tree, url)
    except Exception as error:  # hostile markup trips lxml and trafilatura in more ways than they document
        raise ArticleRejected(input, f"the page cannot be read ({type(error).__name__}); save it anew") from error
    if reading is not None and reading.stub is not None:
        kind, remedy = _REJECTIONS[reading.stub.kind]
        raise kind(input, f"is a {reading.stub.kind}: {reading.stub.evidence}; {remedy}")
    paragraphs = [] if reading is None else _paragraphs(reading)
    if reading is None or not paragraphs:
        raise ArticleRejected(input, "no article text was found in the page; save the whole page, or its text as .txt")
    said = reading.metadata
    fields: dict[str, object] = {
        "title": said.title or title_otherwise,
        "source": said.source,
        "url": said.url,
        "published": said.published,
        "updated": said.updated,
        "text": "\n\n".join(paragraphs),
        "authors": list(said.authors),
    }
    if bad_byte is not None and "\ufffd" in f"{fields['title']}{fields['text']}":
        raise ArticleRejected(input, f"cannot be decoded at byte {bad_byte}; save the page as UTF-8")
    return Page(fields, said.canonical_url, said.language or DEFAULT_LANGUAGE)


def read_tree(tree: HtmlElement, url: str | None) -> Reading:
    """Read a parsed page without judging it; raises whatever hostile markup makes the libraries raise."""
    metadata = read_metadata(tree, url)
    visible = visible_tree(tree)
    text = article_text(visible, metadata.stated, url)
    return Reading(text, metadata, find_stub(visible, text=text, stated=metadata.stated))


def extract_article(page: bytes, *, input: str, own_id: str, title_otherwise: str, url: str | None = None) -> Article:
    """Extract the article of a web page, see `read_page`. Its language is detected, since templates state their own.

    Args:
        page: the bytes of the page.
        input: how the place is named in the rejection.
        own_id: the id where the page does not say its URL.
        title_otherwise: the title where the page has none.
        url: where the page was fetched, if it was.

    Raises:
        ArticleRejected: see `read_page`.
    """
    read = read_page(page, input=input, url=url, title_otherwise=title_otherwise)
    return make_article(read.fields, input=input, own_id=own_id, language_otherwise=read.language_otherwise)


def _paragraphs(reading: Reading) -> list[str]:
    """The lines of the text, without the title if they begin with it."""
    paragraphs = [line.rstrip() for line in reading.text.split("\n") if line.strip()]
    titles = (reading.metadata.full_title.casefold(), reading.metadata.title.casefold())
    return paragraphs[1:] if paragraphs and one_line(paragraphs[0]).casefold() in titles else paragraphs
