"""Compresses gateway frames as one continuous stream per connection: zlib-stream, zstd-stream or none."""

from __future__ import annotations

import zlib
from typing import Protocol


class Compressor(Protocol):
    """Turns each gateway frame into bytes that continue the stream before it."""

    def __call__(self, text: str) -> bytes:
        """Return the next bytes of the stream, flushed so that the client can read the whole frame."""


class ZlibStream:
    """One zlib stream, flushed with Z_SYNC_FLUSH after each frame."""

    def __init__(self) -> None:
        self._stream = zlib.compressobj()

    def __call__(self, text: str) -> bytes:
        """Return the next bytes; they end in 00 00 ff ff."""
        return self._stream.compress(text.encode()) + self._stream.flush(zlib.Z_SYNC_FLUSH)


class ZstdStream:
    """One zstd frame that never ends, flushed block by block."""

    def __init__(self) -> None:
        import zstandard  # only the client's own choice makes it necessary

        self._stream = zstandard.ZstdCompressor().compressobj()
        self._flush_block = zstandard.COMPRESSOBJ_FLUSH_BLOCK

    def __call__(self, text: str) -> bytes:
        """Return the next bytes of the frame."""
        return self._stream.compress(text.encode()) + self._stream.flush(self._flush_block)


def compressor_for(name: str | None) -> Compressor | None:
    """Return a fresh stream of the kind that a client asks for in `?compress=`; None if it asks for none.

    Raises:
        ValueError: If there is no such compression.
    """
    if name is None:
        return None
    if name == "zlib-stream":
        return ZlibStream()
    if name == "zstd-stream":
        return ZstdStream()
    raise ValueError(f"unknown gateway compression {name!r}")
