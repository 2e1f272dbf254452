"""Bringing the vector store back into step with the archive after a crash."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from retrieval.archive.archive import Archive
from retrieval.index.dense import DenseIndex
from retrieval.index.ledger import Ledger

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Repair:
    """What opening the index found and did.

    Attributes:
        lacking: passages of the archive that the vector store lacked without a note of it.
        surplus: vectors that no passage of the archive has; dropped.
        pending: passages that now wait for their vector; `Indexer.embed_pending` makes them.
        was_interrupted: the last process that had the index open did not close it.
    """

    lacking: int
    surplus: int
    pending: int
    was_interrupted: bool


def repair(archive: Archive, ledger: Ledger, dense: DenseIndex, *, interrupted: bool) -> Repair:
    """Compare the vector store with the archive: by count after a clean close, id by id after any other."""
    with archive.reading() as connection:
        noted = ledger.pending_ids(connection)
        expected = ledger.count(connection) - sum(operation == "add" for operation in noted.values())
        expected += sum(operation == "drop" for operation in noted.values())
        in_step = not interrupted and dense.count() == expected
        wanted = set() if in_step else ledger.ids(connection)
    if in_step:
        return Repair(0, 0, len(noted), was_interrupted=False)
    held = dense.ids()
    lacking = wanted - held - noted.keys()
    surplus = held - wanted
    dense.drop(sorted(surplus))
    # What the store took before the crash came is done, although the note was not yet struck out.
    added = {i for i, operation in noted.items() if operation == "add"} & held
    dropped = {i for i, operation in noted.items() if operation == "drop"}
    with archive.writing() as connection:
        ledger.settle(connection, added, "add")
        ledger.settle(connection, dropped, "drop")
        ledger.note(connection, sorted(lacking), "add")
        pending = ledger.count_pending(connection)
    unnoted_surplus = len(surplus - noted.keys())
    if lacking or unnoted_surplus or pending:
        log.warning(
            "index repaired: %d vectors lacking, %d too many, %d pending", len(lacking), unnoted_surplus, pending
        )
    return Repair(len(lacking), unnoted_surplus, pending, was_interrupted=interrupted)
