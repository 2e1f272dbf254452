"""Pages in WARC web archives to articles."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from typing import BinaryIO, Final, Literal

from fastwarc.warc import WarcRecord, WarcRecordType

from retrieval.errors import ArticleRejected
from retrieval.news.decoding import decode_page
from retrieval.news.extract import extract_article
from retrieval.news.fields import address_id, file_id
from retrieval.news.links import check_url
from retrieval.news.parts import Part, Step
from retrieval.news.text_files import title_of_address
from retrieval.news.warc_records import Record, read_records

MAX_PAGE_BYTES = 10 * 2**20

# How far before its end a page closes its root element.
_END_BYTES = 4096
# Where the header of a response names its media type, with room to spare.
_HEAD_BYTES = 65_536
_PAGES = ("text/html", "application/xhtml+xml")
# What of its transfer and content encodings a page may still have: crawlers undo either and keep the header.
_DECODINGS: Final[tuple[Literal["all", "content", "transfer", "none"], ...]] = ("all", "content", "transfer", "none")


def split_warc(stream: BinaryIO, *, input: str, advance: Callable[[int], None]) -> Iterator[Step]:
    """Split off the pages of a WARC file, gzipped or not: responses with HTTP status 200, and resources, that are HTML.

    Other records, and what is no page, are passed over in silence, except that a file of plain texts made from pages
    (WET) is told. The date of an article is what its page says, never when it was crawled. One page is held at a time.

    Args:
        stream: the file, of any size, seekable; it stays open.
        input: how it is named; records are "input record 3 at byte 1234", the byte being that of the file as it is.
        advance: called with numbers of bytes done with; their sum is the file's size.

    Yields:
        For each record that may hold a page, in order, what comes to its article or why there is none; for each
        damaged record, that it is.

    Raises:
        OSError: the file cannot be read.
    """
    told = conversions = 0
    size = stream.seek(0, io.SEEK_END)
    stream.seek(0)
    for record in read_records(stream):
        if record is None:
            yield None
            continue
        place = f"{input} record {record.number} at byte {record.offset}"
        if record.damage is not None:
            yield ArticleRejected(place, record.damage)
        elif record.kind == "conversion":
            conversions += 1
        elif _may_hold_page(record):
            yield Part(place, _read_record, (record, place))
        else:
            yield None
        if (done := min(stream.tell(), size)) > told:
            advance(done - told)
            told = done
    if conversions:
        yield ArticleRejected(
            input, f"holds {conversions} texts made from pages, without headlines; take in the archive of the pages"
        )
    advance(size - told)


def _may_hold_page(record: Record) -> bool:
    """Whether to look closer: most records of an archive are pictures and scripts, and say so at their beginning."""
    if record.kind == "resource":
        return record.media_type.lower().startswith(_PAGES)
    return record.kind == "response" and b"html" in record.block[:_HEAD_BYTES].lower()


def _read_record(record: Record, place: str) -> Sequence[Step]:
    """The article of a record, why there is none, or nothing if it is no page."""
    try:
        page = _page(record, place)
        if page is None:
            return []
        target = record.target.strip("<> ")
        try:
            url = check_url(target)
        except ValueError:
            url = None
        article = extract_article(
            page,
            input=place,
            own_id=address_id(url) if url else file_id((target or place).encode()),
            title_otherwise=title_of_address(url) if url else target[:100] or "untitled",
            url=url,
        )
    except ArticleRejected as rejected:
        return [rejected]
    return [article]


def _page(record: Record, place: str) -> bytes | None:
    """The page that a record holds, decoded; None if it holds none.

    Raises:
        ArticleRejected: it holds one that is too large, not all there, or not encoded as it says.
    """
    try:
        if record.kind == "resource":
            kind = record.media_type
            body: bytes | None = record.block
            charset = kind.partition("charset=")[2].strip("\"' ;") or None
        elif record.kind == "response" and record.media_type.lower().startswith("application/http"):
            http = _http(record.block, "none")
            if http.http_headers.status_code != 200:
                return None
            kind, charset = http.http_content_type or "", http.http_charset
            if not kind.lower().startswith(_PAGES):
                return None
            body = None if record.is_cut else _body(record.block, http)
        else:
            return None
        if not kind.lower().startswith(_PAGES):
            return None
    except (OSError, ValueError, RuntimeError) as error:
        raise ArticleRejected(place, f"cannot be read ({str(error)[:100]})") from error
    if record.is_cut or (body is not None and len(body) > MAX_PAGE_BYTES):
        raise ArticleRejected(place, f"holds a page larger than {MAX_PAGE_BYTES >> 20} MiB")
    if record.truncated:
        raise ArticleRejected(place, f"holds a page that the crawler cut off ({record.truncated[:40]})")
    if body is None:
        raise ArticleRejected(place, "holds a page that is not all there, or not encoded as its header says")
    return _in_utf8(body, charset)


def _body(block: bytes, http: WarcRecord) -> bytes | None:
    """The page of a response, up to one byte more than is taken; None if it broke off or cannot be decoded."""
    promised = http.http_headers.get("Content-Length") or ""
    is_short = promised.isascii() and promised.isdigit() and len(promised) < 16
    is_short = is_short and int(promised) > len(block) - (block.find(b"\r\n\r\n") + 4)
    for decoding in _DECODINGS:
        try:
            reader = _http(block, decoding).reader
            body = b""
            while len(body) <= MAX_PAGE_BYTES and (piece := reader.read(MAX_PAGE_BYTES + 1 - len(body))):
                body += piece
        except (OSError, ValueError, RuntimeError):
            continue
        if is_short and b"</html" not in body[-_END_BYTES:].lower():  # a few bytes less of a whole page are no harm
            return None
        if decoding == "all" or body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
            return body
    return None


def _http(block: bytes, decoding: Literal["all", "content", "transfer", "none"]) -> WarcRecord:
    """Parse the HTTP of a block apart from its file, so that what is wrong with it harms no other record."""
    record = WarcRecord()
    record.init_headers(record_type=WarcRecordType.response)
    record.is_http = True
    record.set_bytes_content(block)
    record.parse_http(auto_decode=decoding, quirks_mode=True)
    return record


def _in_utf8(page: bytes, charset: str | None) -> bytes:
    """A page in UTF-8 if its HTTP header rightly names its charset, which outranks what it says itself."""
    if charset is None:
        return page
    text, bad_byte = decode_page(page, charset=charset)
    return page if bad_byte is not None else text.encode("utf-8", "replace")
