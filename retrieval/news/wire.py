"""What the agencies' forms share: fields and a status become an article, or word that one is taken back."""

from __future__ import annotations

from collections.abc import Mapping

from retrieval.articles import Article, Withdrawal
from retrieval.errors import ArticleRejected
from retrieval.news.fields import MAX_NAME_CHARS, make_article, one_line, uri_id
from retrieval.news.links import check_url
from retrieval.news.marked_up import without_title

Found = Article | Withdrawal | ArticleRejected

# The publication status in ninjs, NewsML-G2 ("stat:") and NITF; "usable" and NITF's "embargoed" may be taken in.
_TAKEN_BACK = {"canceled": "canceled", "cancelled": "canceled", "withheld": "withheld"}


def finish(
    fields: Mapping[str, object],
    paragraphs: list[str],
    *,
    status: str,
    input: str,
    own_id: str | None = None,
) -> Found:
    """Make of an agency's fields what they come to.

    The id is the publisher's own name for the article over all its versions. What does not fit a field that an
    article can do without (a URL that cannot be shown, a name of excessive length) is left out; dates and embargoes
    are never.

    Args:
        fields: as `make_article` takes them, without "text"; "id" as the publisher wrote it.
        paragraphs: the text; a first one that repeats the title is left out.
        status: the publication status without its scheme, in any case; blank for none.
        input: how the place is named.
        own_id: the id where the publisher gave none.
    """
    kept = dict(fields)
    kept["id"] = uri_id(str(fields.get("id") or ""))
    if reason := _TAKEN_BACK.get(status.strip().lower()):
        article_id = kept["id"] or own_id
        if article_id is None:
            return ArticleRejected(input, f"is {reason}, but does not say which article it is")
        return Withdrawal(article_id=str(article_id), reason=reason, input=input)
    if status.strip().lower() == "embargoed" and not (fields.get("embargoed") or fields.get("embargoed_until")):
        return ArticleRejected(input, "is embargoed and does not say until when; take it in once it is released")
    kept["url"] = _fitting_url(fields.get("url"))
    source = one_line(str(fields.get("source") or ""))
    kept["source"] = source if len(source) <= MAX_NAME_CHARS else None
    authors = fields.get("authors")
    names = [name for name in authors if isinstance(name, str)] if isinstance(authors, list) else []
    kept["authors"] = [name for name in names if len(name) <= MAX_NAME_CHARS]
    title = one_line(str(fields.get("title") or ""))
    kept["text"] = "\n\n".join(without_title(paragraphs, title))
    try:
        return make_article(kept, input=input, own_id=own_id)
    except ArticleRejected as rejected:
        return rejected


def is_taken_back(status: str) -> bool:
    """Whether a publication status, without its scheme and in any case, says that nobody may be shown the article."""
    return status.strip().lower() in _TAKEN_BACK


def byline_names(byline: str) -> list[str]:
    """Read a byline as one author, without the "By" before it."""
    line = one_line(byline)
    name = line[3:] if f"{line} "[:3].lower() == "by " else line
    return [name] if name else []


def _fitting_url(written: object) -> str | None:
    try:
        return check_url(written.strip()) if isinstance(written, str) else None
    except ValueError:
        return None
