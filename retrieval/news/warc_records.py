"""The records of a WARC file, whole or gzipped, one at a time, and past those that are damaged.

FastWARC reads them and not warcio, which gives up on gzip files of one member and on wrongly claimed chunks; what it
reports as an error ends its reading, so this finds the next record and begins anew there.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from fastwarc.warc import ArchiveIterator, WarcRecord

# A page is taken up to 10 MiB; its HTTP header before it is far below the rest.
MAX_BLOCK_BYTES = 10 * 2**20 + 65_536
_HEAD_BYTES = 65_536
# Each beginning anew costs a read of 64 KiB; a file with more damage than this is not worth it.
MAX_DAMAGES = 1000

_SCAN_BYTES = 2**20
# What belongs to no page is passed over in steps that take some tens of ms, however far it was compressed.
_PASSED_BYTES = 16 * 2**20
_GZIP_MAGIC = b"\x1f\x8b"
_RECORD_START = re.compile(rb"\nWARC/")
# Magic, method, flags, time, and how hard it was tried: random bytes look so once in 11 GB.
_MEMBER_START = re.compile(rb"\x1f\x8b\x08[\x00-\x1f].{4}[\x00\x02\x04]", re.DOTALL)
_KEPT_KINDS = ("response", "resource")


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a WARC file.

    Attributes:
        number: from 1, damaged ones counted.
        offset: where it begins, in bytes of the file; in a gzip file of one member, where that member begins or ends.
        kind: its WARC-Type in small letters, such as "response".
        media_type: of the block, as the record's header states it; for a response, "application/http" mostly.
        target: the address that it was fetched from, as written.
        truncated: why the crawler cut it off, empty if it did not.
        block: the block of a response or resource, cut after 64 KiB if it has more than `MAX_BLOCK_BYTES`; else empty.
        is_cut: whether the block was cut.
        damage: what is wrong with it, or None; a damaged record holds nothing else.
    """

    number: int
    offset: int
    kind: str = ""
    media_type: str = ""
    target: str = ""
    truncated: str = ""
    block: bytes = b""
    is_cut: bool = False
    damage: str | None = None


def read_records(stream: BinaryIO) -> Iterator[Record | None]:
    """Yield the records of a WARC file in order, holding one block at a time, and None while what is large is passed.

    After damage the next record is looked for behind it: behind what the last good record covers, never inside it,
    since a page could hold records of its own making.

    Args:
        stream: the file, seekable; it stays open, and its position tells how far the reading has come.

    Raises:
        OSError: the file itself cannot be read.
    """
    is_gzip = stream.read(2) == _GZIP_MAGIC
    start: int | None = 0
    number = damages = 0
    while start is not None:
        stream.seek(start)
        last: WarcRecord | None = None
        broken_at, counted = start, number
        try:
            for warc in ArchiveIterator(stream, parse_http=False):
                number += 1
                broken_at, last = warc.stream_pos, None
                yield (yield from _read(warc, number))
                last = warc
            broken_at = start if last is None else (yield from _end(stream, last, is_gzip))
            if not _has_more(stream, broken_at):
                return
            number += 1
            yield Record(number, broken_at, damage="is damaged (it has no header, or not all of one)")
        except (OSError, ValueError, RuntimeError) as error:
            if isinstance(error, OSError) and error.errno is not None:  # the disk's, not the file's
                raise
            if last is not None:
                broken_at = yield from _end(stream, last, is_gzip)
            if last is not None or number == counted:
                number += 1
            yield Record(number, broken_at, damage=f"is damaged ({str(error)[:100]})")
        damages += 1
        if damages == MAX_DAMAGES:
            yield Record(number + 1, broken_at, damage=f"comes after {MAX_DAMAGES} damaged ones; the rest is not read")
            return
        start = yield from _next_start(stream, broken_at + 1, is_gzip)


def _read(warc: WarcRecord, number: int) -> Generator[None, None, Record]:
    length = warc.content_length
    kind = (warc.headers.get("WARC-Type") or "").lower()  # FastWARC's own type heeds the case of the header's name
    if not kind or not warc.headers.get("Content-Length"):
        return Record(number, warc.stream_pos, damage="has a header without its type or length")
    is_cut = length > MAX_BLOCK_BYTES
    block = b""
    if kind in _KEPT_KINDS:
        block = warc.reader.read(_HEAD_BYTES if is_cut else length)
    done = len(block)
    while passed := warc.reader.consume(_PASSED_BYTES):
        done += passed
        if passed == _PASSED_BYTES:
            yield
    if done < length:
        return Record(
            number, warc.stream_pos, damage="is not all there: the file, or its part of it, ends before it does"
        )
    media_type, target, truncated = (
        str(warc.headers.get(name) or "") for name in ("Content-Type", "WARC-Target-URI", "WARC-Truncated")
    )
    return Record(number, warc.stream_pos, kind, media_type, target, truncated, block, is_cut)


def _end(stream: BinaryIO, warc: WarcRecord, is_gzip: bool) -> Generator[None, None, int]:
    """Where a good record ends: its gzip member, or its header and what that says of its length."""
    stream.seek(warc.stream_pos)
    if not is_gzip:
        header = stream.read(_HEAD_BYTES)
        end = int(warc.stream_pos + max(header.find(b"\r\n\r\n") + 4, 4) + warc.content_length)
        stream.seek(end)
        return end + (4 if stream.read(4) == b"\r\n\r\n" else 0)
    member = zlib.decompressobj(zlib.MAX_WBITS | 16)
    while not member.eof and (raw := stream.read(_SCAN_BYTES)):
        while raw and not member.eof:
            member.decompress(raw, _SCAN_BYTES)
            raw = member.unconsumed_tail
            yield
    return stream.tell() - len(member.unused_data)


def _has_more(stream: BinaryIO, offset: int) -> bool:
    stream.seek(offset)
    return bool(stream.read(_HEAD_BYTES).strip(b"\0\r\n\t "))


def _next_start(stream: BinaryIO, start: int, is_gzip: bool) -> Generator[None, None, int | None]:
    """Find the next place from `start` on at which a record, or a gzip member that holds one, begins."""
    sign = _MEMBER_START if is_gzip else _RECORD_START
    stream.seek(start - 1)
    offset, kept = stream.tell(), b""
    while raw := stream.read(_SCAN_BYTES):
        window = kept + raw
        for found in sign.finditer(window):
            if not is_gzip:
                return offset + found.start() + 1
            if offset + found.start() >= start and _begins_a_record(window[found.start() : found.start() + 512]):
                return offset + found.start()
        kept = window[-512:]
        offset += len(window) - len(kept)
        yield
    return None


def _begins_a_record(member: bytes) -> bool:
    try:
        return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(member, 5) == b"WARC/"
    except zlib.error:
        return False
