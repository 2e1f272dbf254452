"""Bytes to text: strictly for what people write, as a browser would for web pages."""

from __future__ import annotations

import codecs
import re

from retrieval.errors import ArticleRejected

_META_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w:.-]{1,40})", re.IGNORECASE)
_XML_ENCODING = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w:.-]{1,40})", re.IGNORECASE)
# How far into a page its declaration is looked for; the HTML standard demands the first 1,024 bytes.
_DECLARATION_BYTES = 4096
# What pages are written in, by Python's names; others, such as "idna", take quadratic time on hostile pages.
_PAGE_ENCODINGS = re.compile(
    r"utf-16\w*|cp(?:125\d|866|874|932|949)|iso8859-\d+|koi8-[ru]|gb\w+|big5\w*|euc_\w+|shift_jis\w*|iso2022_jp|mac-\w+"
)


def decode_utf8(raw: bytes, *, input: str, offset: int = 0) -> str:
    """Decode UTF-8, with or without a byte order mark.

    Args:
        raw: what was read.
        input: how the place is named in the rejection.
        offset: how many bytes of the file precede `raw`.

    Raises:
        ArticleRejected: a byte cannot be decoded; its offset in the file is named.
    """
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # error.start counts from after the mark
        at = offset + error.start + (3 if raw.startswith(codecs.BOM_UTF8) else 0)
        raise ArticleRejected(input, f"is not UTF-8 at byte {at}; save it as UTF-8") from error


def decode_page(raw: bytes, *, charset: str | None = None) -> tuple[str, int | None]:
    """Decode a web page: UTF-8 if it is, else the encoding that it declares; what cannot be decoded becomes U+FFFD.

    Args:
        raw: the page.
        charset: what its HTTP header names, if it does; that outranks what the page declares.

    Returns:
        The page, and the offset of the first byte that could not be decoded, or None.
    """
    encoding = _page_encoding(raw, charset)
    try:
        return raw.decode(encoding), None
    except UnicodeDecodeError as error:
        return raw.decode(encoding, "replace"), error.start


def _page_encoding(raw: bytes, charset: str | None) -> str:
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    try:
        raw.decode("utf-8-sig")
        return "utf-8-sig"
    except UnicodeDecodeError:
        pass
    declared = _META_CHARSET.search(raw[:_DECLARATION_BYTES])
    try:
        named = charset or (declared[1].decode("ascii") if declared else "utf-8")
        name = codecs.lookup(named).name
    except (LookupError, ValueError):
        return "utf-8"
    if name in ("ascii", "iso8859-1"):
        return "cp1252"  # as the HTML standard has it
    return name if _PAGE_ENCODINGS.fullmatch(name) else "utf-8"


def decode_xml(raw: bytes, *, charset: str | None = None) -> str:
    """Decode XML as browsers do, whatever it declares: U+FFFD stands for what cannot be decoded.

    A byte order mark decides; without one, what is UTF-8 is UTF-8, since publishers declare wrongly and other
    encodings hardly ever look like it; else the encoding that the server or else the XML declares; else Windows-1252.

    Args:
        raw: what was fetched.
        charset: what the server says in its Content-Type, or None.
    """
    return raw.decode(_xml_encoding(raw, charset), "replace")


def _xml_encoding(raw: bytes, charset: str | None) -> str:
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if raw[:2] in (b"<\0", b"\0<"):  # the first "<" without a mark
        return "utf-16-le" if raw[:1] == b"<" else "utf-16-be"
    found = _XML_ENCODING.search(raw[:_DECLARATION_BYTES])
    declared = [name for name in (_known(charset), _known(found[1].decode()) if found else None) if name]
    if "iso2022_jp" in declared and b"\x1b" in raw:  # has no byte beyond ASCII
        return "iso2022_jp"
    try:
        raw.decode("utf-8-sig")
        return "utf-8-sig"
    except UnicodeDecodeError:
        return next((name for name in declared if name != "utf-8"), "cp1252")


def _known(name: str | None) -> str | None:
    try:
        known = codecs.lookup(name or "").name
    except (LookupError, ValueError):
        return None
    if known in ("ascii", "iso8859-1"):
        return "cp1252"
    return known if _PAGE_ENCODINGS.fullmatch(known) and not known.startswith("utf-16") else None
