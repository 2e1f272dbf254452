"""Looks for bytes in every file of a folder, as somebody would who took the disk away."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np


def found_bytes(folder: Path, wanted: Mapping[str, bytes], vectors: Mapping[str, np.ndarray] | None = None) -> set:
    """Name what stands in any file, with the file: (file, name).

    Args:
        folder: all of whose files, log files and temporary ones included, are read.
        wanted: name -> bytes, looked for whatever the letter case.
        vectors: name -> float32 vector; looked for to 1e-6, for whoever stores it may have brought it to length 1 anew.
    """
    found = set()
    for path in sorted(one for one in folder.rglob("*") if one.is_file() and not one.is_symlink()):
        raw = path.read_bytes()
        folded = raw.lower()
        found |= {(path.relative_to(folder).as_posix(), name) for name, one in wanted.items() if one.lower() in folded}
        for name, vector in (vectors or {}).items():
            if _holds(raw, np.asarray(vector, dtype="<f4")):
                found.add((path.relative_to(folder).as_posix(), name))
    return found


def _holds(raw: bytes, vector: np.ndarray) -> bool:
    (places,) = np.nonzero(vector)
    first, last = places[0], places[-1] + 1
    stretch = vector[first:last]
    for offset in range(min(4, len(raw))):
        floats = np.frombuffer(raw, dtype="<f4", offset=offset, count=max(0, len(raw) - offset) // 4)
        begins = floats[: max(0, len(floats) - len(stretch) + 1)]
        with np.errstate(invalid="ignore"):  # most bytes are no numbers
            starts = np.nonzero((begins > stretch[0] - 1e-6) & (begins < stretch[0] + 1e-6))[0]
            if any(np.allclose(floats[i : i + len(stretch)], stretch, rtol=0, atol=1e-6) for i in starts):
                return True
    return False
