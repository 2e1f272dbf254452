"""Which gateway connections are up, over breaks, shards and clients."""

from __future__ import annotations

from bot.gateway_state import GatewayState
from bot.metrics import Metrics


def test_it_is_online_once_all_shards_are_up_and_offline_once_one_is_lost() -> None:
    state = GatewayState()
    seen = [state.online.is_set()]
    state.came_up(0, of=2, resumed=False)
    seen.append(state.online.is_set())
    state.came_up(1, of=2, resumed=False)
    seen.append(state.online.is_set())
    state.went_down(0)
    seen.append(state.online.is_set())
    state.came_up(0, of=2, resumed=True)
    seen.append(state.online.is_set())

    assert seen == [False, False, True, False, True]


def test_it_is_offline_exactly_while_it_is_not_online() -> None:
    state = GatewayState()
    seen = [state.offline.is_set()]
    state.came_up(0, of=1, resumed=False)
    seen.append(state.offline.is_set())
    state.closed()
    seen.append(state.offline.is_set())

    assert seen == [True, False, True]


def test_the_metrics_tell_how_many_there_are_how_many_are_up_and_how_they_came_up() -> None:
    metrics = Metrics()
    state = GatewayState(metrics)
    state.came_up(0, of=2, resumed=False)
    state.came_up(1, of=2, resumed=False)
    state.went_down(1)
    state.came_up(1, of=2, resumed=True)
    state.went_down(0)

    def told(name: str, **labels: str) -> float | None:
        return metrics.registry.get_sample_value(f"dateline_gateway_{name}", labels)

    assert (told("shards"), told("shards_online")) == (2, 1)
    assert (told("connects_total", kind="identified"), told("connects_total", kind="resumed")) == (2, 1)
