"""Moments are stored in UTC whatever their zone, and a moment without a zone is refused."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import Column, MetaData, Table, create_engine, select
from sqlalchemy.exc import StatementError

from retrieval.archive.tables import UtcDateTime

moments = Table("moments", MetaData(), Column("at", UtcDateTime))


@pytest.fixture
def connection():
    engine = create_engine("sqlite://")
    with engine.connect() as opened:
        moments.create(opened)
        yield opened
    engine.dispose()


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2020, 9, 29, 8, 15, 30, 123456, tzinfo=UTC),
        datetime(2020, 9, 29, 1, tzinfo=timezone(timedelta(hours=5, minutes=45))),
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
        None,
    ],
)
def test_a_moment_comes_back_as_the_same_moment_in_utc(connection, moment):
    connection.execute(moments.insert().values(at=moment))
    found = connection.scalar(select(moments.c.at))
    assert found == moment
    assert found is None or found.tzinfo is UTC


def test_a_moment_without_a_zone_is_refused(connection):
    with pytest.raises(StatementError, match="no time zone"):
        connection.execute(moments.insert().values(at=datetime(2020, 9, 29)))


def test_moments_are_compared_as_moments_not_as_their_writing(connection):
    early = datetime(2020, 9, 29, 23, 30, tzinfo=timezone(timedelta(hours=2)))
    connection.execute(moments.insert().values(at=early))
    assert connection.scalar(select(moments.c.at).where(moments.c.at < datetime(2020, 9, 29, 22, tzinfo=UTC))) == early
