"""The text of a page's article: what readers see of it, without the page around it."""

from __future__ import annotations

from copy import copy

from lxml.html import HtmlElement  # type: ignore[import-untyped]
from trafilatura import bare_extraction
from trafilatura.metadata import Document

from retrieval.news.json_ld import StatedArticle

# What readers do not see is not what the publisher said to them; instructions hide there.
_HIDDEN = (
    "//*[@hidden]",
    "//*[contains(translate(@style, ' ', ''), 'display:none')]",
    "//*[contains(translate(@style, ' ', ''), 'visibility:hidden')]",
)
# Shorter texts are often a notice beside the article: "This copy is for your personal use only", 260 characters.
SHORT_TEXT_CHARS = 500


def visible_tree(tree: HtmlElement) -> HtmlElement:
    """Copy a page without what its own markup hides from readers and without its JSON-LD."""
    visible = copy(tree)
    hidden = [element for path in _HIDDEN for element in visible.xpath(path)]
    stated = [one for one in visible.iter("script") if one.get("type", "").strip().lower().endswith("ld+json")]
    for element in hidden + stated:
        # A page that hides itself shows itself by a script.
        if element.getparent() is not None and element.tag != "body":
            element.drop_tree()
    return visible


def article_text(visible: HtmlElement, stated: StatedArticle | None, url: str | None) -> str:
    """Extract the text of the article with trafilatura; each line is a paragraph.

    Precision is preferred over completeness, unless it finds a few lines only and completeness more than twice
    as many. Where both find a few lines only, the body that the publisher states of this article is taken if it is
    more than twice as long and the publisher does not state that not everybody may read it.

    Args:
        visible: the page as `visible_tree` gives it.
        stated: what the page states of this article in JSON-LD.
        url: where the page was fetched, if it was.

    Returns:
        The text; empty if there is none.
    """
    text = _run(visible, url, favor_precision=True)
    if len(text) >= SHORT_TEXT_CHARS:
        return text
    balanced = _run(visible, url, favor_precision=False)
    if len(balanced) > 2 * len(text):
        text = balanced
    if len(text) < SHORT_TEXT_CHARS and stated is not None and stated.body and stated.is_free is not False:
        return stated.body if len(stated.body) > 2 * len(text) else text
    return text


def _run(visible: HtmlElement, url: str | None, *, favor_precision: bool) -> str:
    found = bare_extraction(visible, url=url, include_comments=False, favor_precision=favor_precision)
    return (found.text or "").strip() if isinstance(found, Document) else ""
