"""What made the index, so that an index made by another model, splitter or schema is refused."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from uuid import uuid4

from sqlalchemy import Connection, delete, insert, select

from retrieval.archive.tables import manifest
from retrieval.errors import IndexMismatch

# Raise when what the vector store or the keyword index holds changes shape.
INDEX_SCHEMA = "4"


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that decides what the index's rows look like; equal recipes make interchangeable indexes."""

    embedding_model: str
    dimensions: int
    splitter: str
    passage_tokens: int
    tagger: str
    schema: str = INDEX_SCHEMA


@dataclass(frozen=True, slots=True)
class Manifest:
    """What is kept about the index in use.

    Attributes:
        recipe: what made it.
        generation: from 1; each rebuild is a new one.
        index_id: 12 hexadecimal digits, drawn once for each home, so that homes can share a vector store.
    """

    recipe: Recipe
    generation: int
    index_id: str = field(default_factory=lambda: uuid4().hex[:12])


def read_manifest(connection: Connection) -> Manifest | None:
    """Read the manifest, or None for a home without an index."""
    rows = {row.name: row.value for row in connection.execute(select(manifest))}
    if "recipe" not in rows:
        return None
    kept = json.loads(rows["recipe"])
    known = {name: kept.get(name, "none") for name in Recipe.__dataclass_fields__}
    return Manifest(Recipe(**known), int(rows["generation"]), rows.get("index_id", ""))


def write_manifest(connection: Connection, new: Manifest) -> None:
    """Replace the manifest, in the caller's transaction."""
    connection.execute(delete(manifest).where(manifest.c.name.in_(["recipe", "generation", "index_id"])))
    connection.execute(
        insert(manifest),
        [
            {"name": "recipe", "value": json.dumps(asdict(new.recipe))},
            {"name": "generation", "value": str(new.generation)},
            {"name": "index_id", "value": new.index_id},
        ],
    )


def check_recipe(kept: Recipe, wanted: Recipe) -> None:
    """Compare the index's recipe with the settings'.

    Raises:
        IndexMismatch: they differ; it names every difference.
    """
    before, after = asdict(kept), asdict(wanted)
    differences = {name: (str(before[name]), str(after[name])) for name in before if before[name] != after[name]}
    if differences:
        raise IndexMismatch(differences)
