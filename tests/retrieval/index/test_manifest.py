"""The manifest names what made the index, and every difference from what the settings want."""

from dataclasses import fields, replace

import pytest
from sqlalchemy import text

from retrieval.archive.database import open_archive
from retrieval.errors import IndexMismatch
from retrieval.index.manifest import Manifest, Recipe, check_recipe, read_manifest, write_manifest

RECIPE = Recipe("all-MiniLM-L6-v2", 384, "sentencex-1", 128, "rules")


@pytest.fixture
def connection(tmp_path):
    with open_archive(tmp_path) as archive, archive.writing() as opened:
        yield opened


def test_a_home_without_an_index_has_no_manifest(connection):
    assert read_manifest(connection) is None


def test_a_manifest_is_read_as_written_and_the_last_one_counts(connection):
    for written in (Manifest(RECIPE, 1), Manifest(replace(RECIPE, passage_tokens=64), 2)):
        write_manifest(connection, written)
        assert read_manifest(connection) == written


def test_every_home_draws_an_id_of_its_own():
    assert len({Manifest(RECIPE, 1).index_id for _ in range(100)}) == 100


def test_writing_a_manifest_leaves_other_notes_in_its_table(connection):
    connection.execute(text("INSERT INTO manifest VALUES ('open', 'since noon')"))
    write_manifest(connection, Manifest(RECIPE, 1))
    assert connection.scalar(text("SELECT value FROM manifest WHERE name = 'open'")) == "since noon"


def test_equal_recipes_pass():
    check_recipe(RECIPE, replace(RECIPE))


@pytest.mark.parametrize("field", [field.name for field in fields(Recipe)])
def test_each_difference_is_refused_and_names_both_sides(field):
    value = "other" if isinstance(getattr(RECIPE, field), str) else 999
    with pytest.raises(IndexMismatch) as refused:
        check_recipe(RECIPE, replace(RECIPE, **{field: value}))
    assert refused.value.differences == {field: (str(getattr(RECIPE, field)), str(value))}


def test_all_differences_are_named_at_once():
    with pytest.raises(IndexMismatch) as refused:
        check_recipe(RECIPE, Recipe("other", 8, "sentencex-1", 128, "rules"))
    assert set(refused.value.differences) == {"embedding_model", "dimensions"}


def test_a_manifest_written_before_a_field_existed_differs_in_that_field(connection):
    write_manifest(connection, Manifest(RECIPE, 1))
    connection.execute(text("UPDATE manifest SET value = json_remove(value, '$.schema') WHERE name = 'recipe'"))
    kept = read_manifest(connection)
    with pytest.raises(IndexMismatch) as refused:
        check_recipe(kept.recipe, RECIPE)
    assert refused.value.differences == {"schema": ("none", RECIPE.schema)}


def test_a_manifest_of_a_later_dateline_with_more_fields_is_read(connection):
    write_manifest(connection, written := Manifest(RECIPE, 1))
    connection.execute(text("UPDATE manifest SET value = json_set(value, '$.reranker', 'x') WHERE name = 'recipe'"))
    assert read_manifest(connection) == written
