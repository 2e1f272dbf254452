"""The files of an embedded Chroma: taking out of them what no collection holds any more."""

from __future__ import annotations

import re
import shutil
import sqlite3
import struct
from contextlib import closing
from pathlib import Path

_DATABASE = "chroma.sqlite3"
# The graph of each collection stands in a folder with the name of its segment, a UUID.
_GRAPH_DIR = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# How a graph's header begins: the form of the file, an offset, the places there are, the places taken, bytes a place.
_HEADER = struct.Struct("<i4Q")
_FORM = 1
_LENGTH_BYTES = 4
_WAIT_S = 30.0


def sweep(folder: Path) -> None:
    """Remove from the files what their deleted collections held: database rows, whole graphs, and stray memory.

    Chroma strikes a dropped vector out of its log only about 1,000 writes later, leaves free space in its database as
    it was, and leaves the graph of a deleted collection where it is. As `chroma vacuum` does, the database is written
    anew: 0.05 s for 30,000 vectors. Nothing may write to the folder meanwhile.
    """
    with closing(sqlite3.connect(folder / _DATABASE, timeout=_WAIT_S, isolation_level=None)) as own:
        own.execute("VACUUM")
    remove_unused(folder)
    blank_unused(folder)


def remove_unused(folder: Path) -> int:
    """Remove the graphs that no collection has any more, as every rebuild of the index leaves one; how many.

    Killed anywhere, the rest goes the next time. A graph has its row in the database before it has its folder, so one
    that is being made is never taken for one that was left.

    Raises:
        OSError: a folder cannot be removed.
        sqlite3.Error: the database cannot be read.
    """
    graphs = _graphs(folder)
    if not graphs:
        return 0
    with closing(sqlite3.connect(folder / _DATABASE, timeout=_WAIT_S)) as own:
        used = {str(segment_id) for (segment_id,) in own.execute("SELECT id FROM segments")}
    unused = [graph for graph in graphs if graph.name not in used]
    for graph in unused:
        shutil.rmtree(graph)
    return len(unused)


def blank_unused(folder: Path) -> None:
    """Overwrite the places of each graph that no vector has taken.

    They are written as they come from the process's memory, and that has been seen to hold vectors dropped long before.
    """
    for graph in _graphs(folder):
        header = graph / "header.bin"
        if not header.is_file() or header.stat().st_size < _HEADER.size:
            continue
        with header.open("rb") as file:
            form, offset, _places, taken, place_bytes = _HEADER.unpack(file.read(_HEADER.size))
        if form == _FORM and offset == 0:
            _blank_after(graph / "data_level0.bin", taken * place_bytes)
            _blank_after(graph / "length.bin", taken * _LENGTH_BYTES)


def _blank_after(path: Path, start: int) -> None:
    if not path.is_file() or (size := path.stat().st_size) <= start:
        return
    with path.open("r+b") as file:
        file.seek(start)
        if any(file.read(size - start)):
            file.seek(start)
            file.write(bytes(size - start))


def _graphs(folder: Path) -> list[Path]:
    return [one for one in folder.iterdir() if _GRAPH_DIR.fullmatch(one.name) and one.is_dir()]
