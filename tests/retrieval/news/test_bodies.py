"""Bodies are unpacked as they come, however they are cut into chunks."""

import gzip
import os
import zlib

import pytest

from retrieval.news.bodies import BodyBroken, BodyTooLong, read_body

NEWS = os.urandom(3000) + b"news " * 2000


async def in_chunks(body, size):
    for start in range(0, len(body), size):
        yield body[start : start + size]


@pytest.mark.parametrize("size", [1, 7, 4096, 10**6])
@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (NEWS, ""),
        (gzip.compress(NEWS), "gzip"),
        (gzip.compress(NEWS[:5000]) + gzip.compress(NEWS[5000:]), "gzip"),
        (zlib.compress(NEWS), "Deflate"),
    ],
    ids=["plain", "gzip", "two streams", "deflate"],
)
async def test_the_body_is_the_same_however_it_is_cut(body, encoding, size):
    assert await read_body(in_chunks(body, size), encoding=encoding, limit_bytes=len(NEWS)) == NEWS
    with pytest.raises(BodyTooLong):
        await read_body(in_chunks(body, size), encoding=encoding, limit_bytes=len(NEWS) - 1)
    cut = await read_body(in_chunks(body, size), encoding=encoding, limit_bytes=100, is_cut=True)
    assert cut == NEWS[:100]


async def test_a_body_larger_than_a_piece_is_put_together_again():
    body = bytes(5_000_000)
    for wbits, encoding in ((31, "gzip"), (15, "deflate"), (-15, "deflate")):
        packed = zlib.compress(body, wbits=wbits)
        assert await read_body(in_chunks(packed, 10**6), encoding=encoding, limit_bytes=len(body)) == body


async def test_no_body_is_an_empty_body_even_where_packing_is_announced():
    assert await read_body(in_chunks(b"", 1), encoding="gzip", limit_bytes=10) == b""


@pytest.mark.parametrize("cut", [5, 12, 100, 1000])
async def test_a_packed_body_that_ends_early_is_broken(cut):
    with pytest.raises(BodyBroken):
        await read_body(in_chunks(gzip.compress(NEWS)[:cut], 64), encoding="gzip", limit_bytes=10**6)
