"""The dense index finds by cosine, alike in an embedded store and behind a real Chroma server."""

import shutil
import signal
import socket
import subprocess
import sys
from contextlib import ExitStack, contextmanager, suppress
from itertools import count
from pathlib import Path

import numpy as np
import pytest

from retrieval.errors import VectorStoreUnavailable
from retrieval.index.dense import CHROMA_DIR, DenseIndex, open_dense_index

generations = count(1)


def unit_rows(rows):
    rows = np.asarray(rows, dtype=np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def random_rows(n, seed=1):
    return unit_rows(np.random.default_rng(seed).normal(size=(n, 32)))


@contextmanager
def running_server(folder):
    """Run a Chroma server on a free port of this machine; gives its address and process once it takes connections."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = free.getsockname()
    command = [Path(sys.executable).with_name("chroma"), "run", "--host", address[0], "--port", str(address[1])]
    with (
        (folder / "said").open("w+") as said,
        subprocess.Popen([*command, "--path", folder], stdout=said, stderr=said) as process,
    ):
        try:
            while True:
                with suppress(ConnectionRefusedError), socket.create_connection(address):
                    break
                with suppress(subprocess.TimeoutExpired):
                    process.wait(0.05)
                    raise RuntimeError((folder / "said").read_text())
            yield "http://{}:{}".format(*address), process
        finally:
            process.send_signal(signal.SIGCONT)
            process.terminate()


@pytest.fixture(scope="module")
def server_url(tmp_path_factory):
    with running_server(tmp_path_factory.mktemp("server")) as (url, _):
        yield url


@pytest.fixture(params=["embedded", "server"])
def dense(request, tmp_path):
    url = request.getfixturevalue("server_url") if request.param == "server" else ""
    with open_dense_index(tmp_path, server_url=url) as opened:
        opened.use("home", next(generations))
        yield opened


def test_the_nearest_come_first_with_their_cosine(dense):
    dense.add(["east", "north", "west", "north-east"], unit_rows([[1, 0], [0, 1], [-1, 0], [1, 1]]))
    found = dense.search(unit_rows([[1, 0.1]])[0], 10)
    assert [one.id for one in found] == ["east", "north-east", "north", "west"]
    expected = [np.cos(np.arctan(0.1)), np.cos(np.pi / 4 - np.arctan(0.1)), np.sin(np.arctan(0.1)), None]
    expected[3] = -expected[0]
    assert [one.score for one in found] == pytest.approx(expected, abs=1e-5)
    assert dense.search(unit_rows([[1, 0.1]])[0], 2) == found[:2]


def test_an_empty_index_finds_nothing(dense):
    assert dense.search(unit_rows([[1, 0]])[0], 10) == []
    assert dense.search_among(unit_rows([[1, 0]])[0], ["east"], 10) == []
    assert (dense.count(), dense.ids()) == (0, set())


def test_adding_an_id_again_replaces_its_vector(dense):
    dense.add(["a", "b"], unit_rows([[1, 0], [0, 1]]))
    dense.add(["a"], unit_rows([[0, -1]]))
    assert dense.count() == 2
    assert dense.search(unit_rows([[0, -1]])[0], 1)[0] == ("a", pytest.approx(1.0))
    assert dense.search_among(unit_rows([[1, 0]])[0], ["a"], 1)[0].score == pytest.approx(0.0)


def test_dropped_ids_are_gone_and_unknown_ones_are_ignored(dense):
    dense.add(["a", "b"], unit_rows([[1, 0], [0, 1]]))
    dense.drop(["a", "unknown"])
    dense.drop([])
    dense.drop(["unknown"])
    assert dense.ids() == {"b"}
    assert [one.id for one in dense.search(unit_rows([[1, 0]])[0], 10)] == ["b"]


def test_adding_nothing_is_nothing(dense):
    dense.add([], np.zeros((0, 32), dtype=np.float32))
    assert dense.count() == 0


def test_more_rows_than_one_call_takes_are_added_listed_compared_and_dropped(dense):
    ids, rows = [f"p{n}" for n in range(6001)], random_rows(6001)
    dense.add(ids, rows)
    assert dense.count() == 6001
    assert dense.ids() == set(ids)
    cosines = rows @ rows[4321]
    exact = [ids[n] for n in np.argsort(-cosines)[:20]]
    found = dense.search_among(rows[4321], [*ids, "unknown"], 20)
    assert [one.id for one in found] == exact
    assert found[0] == ("p4321", pytest.approx(1.0, abs=1e-5))
    assert [one.score for one in found] == pytest.approx(np.sort(cosines)[:-21:-1].tolist(), abs=1e-5)
    assert [one.id for one in dense.search(rows[4321], 1)] == ["p4321"]
    assert len({one.id for one in dense.search(rows[4321], 3000)}) == 3000
    dense.drop(ids[:5000])
    assert dense.ids() == set(ids[5000:])


def test_only_the_given_passages_are_compared(dense):
    dense.add(["a", "b", "c"], unit_rows([[1, 0], [1, 1], [0, 1]]))
    assert [one.id for one in dense.search_among(unit_rows([[1, 0]])[0], ["c", "b"], 10)] == ["b", "c"]
    assert [one.id for one in dense.search_among(unit_rows([[1, 0]])[0], ["c", "b"], 1)] == ["b"]
    assert dense.search_among(unit_rows([[1, 0]])[0], [], 1) == []


def test_a_generation_is_kept_until_another_is_used(dense):
    dense.use("home", generation := next(generations))
    dense.add(["a"], unit_rows([[1, 0]]))
    dense.use("home", generation)
    assert dense.ids() == {"a"}
    dense.use("home", next(generations))
    assert dense.ids() == set()
    dense.use("home", generation)
    assert dense.ids() == set()


def test_homes_that_share_a_store_leave_each_others_vectors_alone(server_url, tmp_path):
    with (
        open_dense_index(tmp_path, server_url=server_url) as one,
        open_dense_index(tmp_path, server_url=server_url) as other,
    ):
        one.use("one", 1)
        one.add(["a"], unit_rows([[1, 0]]))
        other.use("other", 1)
        other.add(["b"], unit_rows([[1, 0]]))
        other.use("other", 2)
        assert (one.ids(), other.ids()) == ({"a"}, set())


def test_no_generation_can_be_searched_before_one_is_chosen(tmp_path):
    with open_dense_index(tmp_path) as dense:
        for call in (dense.count, dense.ids, lambda: dense.search(unit_rows([[1, 0]])[0], 1)):
            with pytest.raises(VectorStoreUnavailable, match="no generation"):
                call()


def test_vectors_outlive_their_process_in_the_home(tmp_path):
    rows = random_rows(50)
    with open_dense_index(tmp_path) as dense:
        dense.use("home", 1)
        dense.add([f"p{n}" for n in range(50)], rows)
    code = (
        "import sys; from pathlib import Path; from retrieval.index.dense import open_dense_index\n"
        "with open_dense_index(Path(sys.argv[1])) as dense:\n"
        "    dense.use('home', 1); print(dense.count())"
    )
    read = subprocess.run([sys.executable, "-c", code, tmp_path], capture_output=True, text=True, check=True)
    assert read.stdout == "50\n"
    with open_dense_index(tmp_path) as dense:
        dense.use("home", 1)
        assert dense.search(rows[7], 1)[0] == ("p7", pytest.approx(1.0, abs=1e-5))


def graph_dirs(home):
    return [one for one in (home / CHROMA_DIR).iterdir() if one.is_dir()]


def filled(home, generation):
    """Fill a generation with so many vectors that Chroma writes its graph."""
    with open_dense_index(home) as dense:
        dense.use("home", generation)
        dense.add([f"p{n}" for n in range(1_200)], random_rows(1_200))
    return graph_dirs(home)


def test_another_generation_leaves_no_graph_of_the_one_before_on_the_disk(tmp_path):
    (first,) = filled(tmp_path, 1)
    (second,) = filled(tmp_path, 2)
    assert first != second
    with open_dense_index(tmp_path) as dense:
        dense.use("home", 2)
        assert dense.search(random_rows(1_200)[7], 1)[0].id == "p7"
    assert graph_dirs(tmp_path) == [second]


@pytest.mark.parametrize("place", ["before the folder", "amid the folder"])
def test_a_graph_that_a_killed_process_left_is_removed_by_the_next_that_opens_the_home(tmp_path, place):
    (first,) = filled(tmp_path, 1)
    code = (
        "import os, shutil, signal, sys; from pathlib import Path\n"
        "from retrieval.index.dense import open_dense_index\n"
        "def rmtree(folder):\n"
        "    if sys.argv[2] == 'amid the folder': next(Path(folder).iterdir()).unlink()\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "shutil.rmtree = rmtree\n"
        "with open_dense_index(Path(sys.argv[1])) as dense:\n"
        "    dense.use('home', 2)"
    )
    killed = subprocess.run([sys.executable, "-c", code, tmp_path, place], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert graph_dirs(tmp_path) == [first]
    with open_dense_index(tmp_path) as dense:
        dense.use("home", 2)
        assert graph_dirs(tmp_path) == []
        dense.add(["p1"], random_rows(1))
        assert dense.search(random_rows(1)[0], 1)[0].id == "p1"


def test_a_graph_that_cannot_be_removed_keeps_nobody_from_searching(tmp_path, monkeypatch, caplog):
    (first,) = filled(tmp_path, 1)

    def refuse(_):
        raise PermissionError(13, "Permission denied")

    with open_dense_index(tmp_path) as dense:
        monkeypatch.setattr(shutil, "rmtree", refuse)
        dense.use("home", 2)
        monkeypatch.undo()
        dense.add(["p1"], random_rows(1))
        assert dense.search(random_rows(1)[0], 1)[0].id == "p1"
    assert first in graph_dirs(tmp_path)
    assert "Permission denied" in caplog.text


def test_a_server_that_is_not_there_is_unavailable(tmp_path):
    with pytest.raises(VectorStoreUnavailable) as refused, open_dense_index(tmp_path, server_url="http://127.0.0.1:9"):
        pass
    assert refused.value.where == "http://127.0.0.1:9"
    assert list(tmp_path.iterdir()) == []


def test_an_address_that_cannot_be_is_unavailable(tmp_path):
    with pytest.raises(VectorStoreUnavailable), open_dense_index(tmp_path, server_url="http://127.0.0.1:99999"):
        pass


def test_a_server_that_goes_away_is_unavailable_to_every_call(tmp_path):
    row = unit_rows([[1, 0]])
    with ExitStack() as server, ExitStack() as index:
        url, _ = server.enter_context(running_server(tmp_path))
        dense = index.enter_context(open_dense_index(tmp_path, server_url=url))
        dense.use("home", 1)
        dense.add(["a"], row)
        server.close()
        for call in (
            lambda: dense.use("home", 1),
            lambda: dense.add(["b"], row),
            lambda: dense.drop(["a"]),
            dense.count,
            dense.ids,
            lambda: dense.search(row[0], 1),
            lambda: dense.search_among(row[0], ["a"], 1),
        ):
            with pytest.raises(VectorStoreUnavailable):
                call()


def test_a_server_that_takes_connections_and_never_answers_is_unavailable(tmp_path, monkeypatch):
    monkeypatch.setattr("retrieval.index.dense._ANSWER_WITHIN_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(VectorStoreUnavailable, match="timed out"), open_dense_index(tmp_path, server_url=url):
            pass


def test_a_server_that_falls_silent_is_unavailable(tmp_path, monkeypatch):
    monkeypatch.setattr("retrieval.index.dense._ANSWER_WITHIN_S", 2)
    with running_server(tmp_path) as (url, process), open_dense_index(tmp_path, server_url=url) as dense:
        dense.use("home", 1)
        process.send_signal(signal.SIGSTOP)
        with pytest.raises(VectorStoreUnavailable, match="ReadTimeout"):
            dense.count()
        process.send_signal(signal.SIGCONT)
        assert dense.count() == 0


def test_a_store_that_is_no_chroma_is_unavailable(tmp_path):
    (tmp_path / CHROMA_DIR).mkdir()
    (tmp_path / CHROMA_DIR / "chroma.sqlite3").write_bytes(b"no database " * 500)
    with pytest.raises(VectorStoreUnavailable) as refused, open_dense_index(tmp_path) as dense:
        dense.use("home", 1)
    assert refused.value.where == str(tmp_path / CHROMA_DIR)


def test_vectors_of_another_length_are_refused(dense: DenseIndex):
    dense.add(["a"], unit_rows([[1, 0]]))
    with pytest.raises(VectorStoreUnavailable, match="dimension"):
        dense.add(["b"], unit_rows([[1, 0, 0]]))


PLACE, OTHER_PLACE = "0123456789abcdef", "fedcba9876543210"


def test_what_stands_in_another_place_is_neither_found_nor_compared(dense):
    dense.add(["a", "b"], unit_rows([[1, 0], [0, 1]]))
    dense.add(["near"], unit_rows([[1, 0.01]]), PLACE)
    query = unit_rows([[1, 0.01]])[0]
    assert [one.id for one in dense.search(query, 9)] == ["a", "b"]
    assert [one.id for one in dense.search(query, 9, ("", PLACE))] == ["near", "a", "b"]
    assert [one.id for one in dense.search(query, 2, ("", PLACE))] == ["near", "a"]
    assert [one.id for one in dense.search(query, 9, ("", OTHER_PLACE))] == ["a", "b"]
    assert [one.id for one in dense.search_among(query, ["near", "b"], 9)] == ["b"]
    assert [one.id for one in dense.search_among(query, ["near", "b"], 9, ("", PLACE))] == ["near", "b"]
    assert (dense.count(), dense.ids(), dense.ids(PLACE)) == (3, {"a", "b", "near"}, {"near"})
    assert (dense.read(["near", "a"])[0], dense.read(["near", "a"], PLACE)[0]) == (["a"], ["near"])
    assert dense.read(["near"], OTHER_PLACE)[0] == []


def test_a_place_stays_with_its_generation_until_it_is_empty_or_removed(dense):
    dense.use("home", generation := next(generations))
    dense.add(["a"], unit_rows([[1, 0]]))
    dense.add(["b"], unit_rows([[1, 0]]), PLACE)
    dense.add(["c"], unit_rows([[1, 0]]), OTHER_PLACE)
    dense.use("home", generation)
    assert (dense.places(), dense.ids()) == (["", PLACE, OTHER_PLACE], {"a", "b", "c"})
    dense.drop(["b"], OTHER_PLACE)
    assert dense.ids(PLACE) == {"b"}
    dense.drop(["b", "a"])
    dense.remove_place(OTHER_PLACE)
    dense.remove_place("")
    assert dense.ids() == set()
    dense.use("home", generation)
    assert dense.places() == [""]


def test_a_scrub_keeps_what_each_place_holds(dense):
    dense.add(["a"], unit_rows([[1, 0]]))
    dense.add(["b", "c"], unit_rows([[1, 0], [0, 1]]), PLACE)
    dense.begin_scrub()
    dense.drop(["c"], PLACE)
    dense.add(["late"], unit_rows([[1, 1]]), OTHER_PLACE)
    for place in ("", PLACE):
        dense.scrub_some(sorted(dense.ids(place)), place)
    dense.finish_scrub()
    assert [dense.ids(place) for place in ("", PLACE, OTHER_PLACE)] == [{"a"}, {"b"}, {"late"}]
