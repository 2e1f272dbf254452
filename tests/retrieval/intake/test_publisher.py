"""A publisher's day at speed, with faults and a process that is killed: in the end the archive equals its truth."""

from publisher.plan import make_plan
from publisher.simulation import simulate


async def test_what_a_publisher_published_in_a_day_is_what_the_archive_holds_whatever_went_wrong(tmp_path):
    plan = make_plan(feeds=12, items=120, days=1, seed=7)
    verdict = await simulate(tmp_path / "home", plan, speed=15_000, faults=0.08, kills=2)
    assert (verdict.wrong, verdict.kills) == ([], 2)
    assert verdict.requests["200"] > 120
