"""The body of an answer, unpacked piece by piece, so that neither a large nor a bursting one fills the memory."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterator

# What is asked for. Brotli would save a tenth more, but comes with its own decoder in C, fed by strangers.
ACCEPT_ENCODING = "gzip, deflate"

# Unpacked in one go: some milliseconds, after which other work gets its turn.
_PIECE_BYTES = 2**20
# A few concatenated gzip streams are real, thousands are an attempt to keep us busy.
_MAX_STREAMS = 100
_GZIP_MARK = b"\x1f\x8b"


class BodyTooLong(Exception):
    """The body is longer than what is taken."""


class BodyBroken(Exception):
    """The body's packing is none that was asked for, or damaged."""


async def read_body(chunks: AsyncIterator[bytes], *, encoding: str, limit_bytes: int, is_cut: bool = False) -> bytes:
    """Read and unpack a body, holding at most one piece more than the limit.

    Args:
        chunks: as they come from the network.
        encoding: the header Content-Encoding, "" if there is none.
        limit_bytes: of the unpacked body.
        is_cut: give back the first `limit_bytes` of a longer body instead of refusing it.

    Raises:
        BodyTooLong: it is longer than the limit.
        BodyBroken: it is packed otherwise or more than once, damaged, or ends early.
    """
    body = bytearray()
    unpacker = _unpacker(encoding)
    async for chunk in chunks:
        packed = chunk
        while packed:
            piece, packed = (packed, b"") if unpacker is None else unpacker.unpack(packed)
            body += piece
            if len(body) > limit_bytes:
                if is_cut:
                    return bytes(body[:limit_bytes])
                raise BodyTooLong
            if packed:
                await asyncio.sleep(0)
    if unpacker is not None:
        body += unpacker.finish()
        if len(body) > limit_bytes and not is_cut:
            raise BodyTooLong
    return bytes(body[:limit_bytes])


class _Unpacker:
    """Unpacks gzip (several streams in a row too) or deflate, in pieces of bounded size."""

    def __init__(self, encoding: str) -> None:
        self._is_gzip = encoding == "gzip"
        self._stream: zlib._Decompress | None = None
        self._streams = 0

    def unpack(self, packed: bytes) -> tuple[bytes, bytes]:
        """Give back one unpacked piece, and what of the input is to be unpacked next."""
        if self._stream is not None and self._stream.eof:
            if not self._is_gzip or not _GZIP_MARK.startswith(packed[:2]):
                return b"", b""  # browsers pass over what follows, and some servers pad
            self._stream = None
        if self._stream is None:
            self._streams += 1
            if self._streams > _MAX_STREAMS:
                raise BodyBroken(f"it is packed in more than {_MAX_STREAMS} streams")
            self._stream = zlib.decompressobj(wbits=self._window(packed))
        try:
            piece = self._stream.decompress(packed, _PIECE_BYTES)
        except zlib.error as error:
            raise BodyBroken(str(error)) from error
        return piece, self._stream.unused_data if self._stream.eof else self._stream.unconsumed_tail

    def finish(self) -> bytes:
        """Give back what a full piece left inside, and check that the input may end here."""
        if self._stream is None:
            return b""
        rest = self._stream.decompress(b"", _PIECE_BYTES)
        if not self._stream.eof:
            raise BodyBroken("it ends in the middle of its packing")
        return rest

    def _window(self, packed: bytes) -> int:
        if self._is_gzip:
            return zlib.MAX_WBITS | 16
        # "deflate" is zlib's format by the standard and the bare stream by the habit of some servers.
        has_header = packed[0] & 0x0F == 8 and (len(packed) < 2 or (packed[0] << 8 | packed[1]) % 31 == 0)
        return zlib.MAX_WBITS if has_header else -zlib.MAX_WBITS


def _unpacker(encoding: str) -> _Unpacker | None:
    name = encoding.strip().lower().removeprefix("x-")
    if name in ("", "identity"):
        return None
    if name in ("gzip", "deflate"):
        return _Unpacker(name)
    raise BodyBroken(f"it is packed as {encoding[:60]!r}, which was not asked for")
