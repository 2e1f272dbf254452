"""Pages are read in processes that may hang, use up memory or die, and nothing is left of them."""

import asyncio
import multiprocessing
import os
import resource
import signal
import subprocess
import sys
import threading
import time

import pytest

from retrieval.errors import ArticleRejected, ExtractionUnavailable, PaywallStub, UrlBlocked
from retrieval.news.extraction import open_extraction

# Longer than anything here takes but what is meant to hang.
PATIENT_S = 60.0
PARAGRAPHS = [
    "The night train to Corvane was stopped for three hours on Friday because sheep were standing on the line.",
    "The railway has mended the fence, it said, and will give everybody who was on board a quarter of the fare.",
    "A farmer from the next village drove the animals home with two dogs and the help of several passengers.",
]
PAGE = (
    "<!doctype html><html lang=en><head><title>Sheep stop the train</title></head><body><article>"
    + "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)
    + "</article></body></html>"
).encode()


def facts():
    """Return the process's id, priority, limit of memory and blocked signals."""
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    return os.getpid(), os.nice(0), resource.getrlimit(resource.RLIMIT_AS)[0], signal.SIGINT in blocked


def double(number):
    return 2 * number


def hang():
    threading.Event().wait()


def die():
    os._exit(7)


def leave():
    sys.exit(3)


def allocate():
    return len(bytes(8 * 2**30))


def allocate_politely():
    try:
        allocate()
    except MemoryError as error:
        raise ArticleRejected("bad.html", "cannot be read") from error


class OddError(Exception):
    """It cannot be pickled: its constructor takes two things and keeps one."""

    def __init__(self, one, two):
        super().__init__(one)


def fail_oddly():
    raise OddError("one", "two")


def fail():
    raise ValueError("it is wrong")


def reject():
    raise UrlBlocked("https://news.example/", "it is private")


def opened(processes=1, timeout_s=PATIENT_S, **options):
    return open_extraction(processes=processes, timeout_s=timeout_s, **options)


async def test_a_page_is_read_in_another_process_as_in_this_one():
    async with opened() as extraction:
        page = await extraction.read_page(PAGE, input="a.html", url="https://news.example/sheep")
        assert page.fields["title"] == "Sheep stop the train"
        assert page.fields["text"] == "\n\n".join(PARAGRAPHS)
        assert page.fields["url"] == "https://news.example/sheep"


async def test_what_a_function_returns_and_raises_comes_back_and_its_process_is_used_again():
    async with opened() as extraction:
        pid, *_ = await extraction.run(facts, input="a")
        assert await extraction.run(double, 21, input="a") == 42
        with pytest.raises(ValueError, match="it is wrong"):
            await extraction.run(fail, input="a")
        with pytest.raises(RuntimeError, match="OddError: one"):
            await extraction.run(fail_oddly, input="a")
        with pytest.raises(RuntimeError, match="SystemExit: 3"):
            await extraction.run(leave, input="a")
        with pytest.raises(UrlBlocked) as blocked:
            await extraction.run(reject, input="a")
        assert (blocked.value.url, blocked.value.reason) == ("https://news.example/", "it is private")
        wall = PAGE.replace(b"</article>", b"<p>Subscribe to continue reading.</p></article>")
        with pytest.raises(PaywallStub, match=r"^a\.html: is a paywall: ") as caught:
            await extraction.read_page(wall, input="a.html", url=None)
        assert caught.value.input == "a.html"
        assert (await extraction.run(facts, input="a"))[0] == pid != os.getpid()


async def test_a_process_gives_way_to_others_has_bounded_memory_and_leaves_interrupts_to_its_parent():
    async with opened(limit_bytes=2**31) as extraction:
        pid, niceness, limit, is_deaf = await extraction.run(facts, input="a")
        assert niceness >= os.nice(0)
        assert niceness >= 10
        assert limit == 2**31
        assert is_deaf
        os.kill(pid, signal.SIGINT)
        assert (await extraction.run(facts, input="a"))[0] == pid
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())


async def test_a_page_that_takes_too_long_is_rejected_and_others_take_no_notice():
    async with opened(processes=2, timeout_s=1.0) as extraction:
        hanging = asyncio.create_task(extraction.run(hang, input="slow.html"))
        pid, *_ = await extraction.run(facts, input="a")
        with pytest.raises(
            ArticleRejected, match=r"^slow\.html: took longer than 1 s to read; save its text as \.txt$"
        ):
            await hanging
        assert (await extraction.run(facts, input="a"))[0] == pid


@pytest.mark.parametrize("ending", [die, allocate, allocate_politely])
async def test_a_page_that_kills_its_process_or_wants_all_memory_is_rejected_and_the_process_replaced(ending):
    reason = "ended the process that read it" if ending is die else "needs more than 2048 MiB of memory"
    async with opened() as extraction:
        pid, *_ = await extraction.run(facts, input="a")
        with pytest.raises(ArticleRejected, match=rf"^bad\.html: {reason}; save its text"):
            await extraction.run(ending, input="bad.html")
        assert (await extraction.run(facts, input="a"))[0] != pid


async def test_more_calls_than_processes_wait_for_each_other():
    async with opened() as extraction:
        calls = [extraction.run(double, number, input="a") for number in range(20)]
        assert await asyncio.gather(*calls) == [2 * number for number in range(20)]


async def test_a_process_is_replaced_after_some_calls():
    async with opened(calls_per_process=2) as extraction:
        pids = [(await extraction.run(facts, input="a"))[0] for _ in range(4)]
        assert pids[0] == pids[1] != pids[2] == pids[3]


async def test_a_cancelled_call_leaves_a_free_process_behind():
    async with opened() as extraction:
        await extraction.run(double, 1, input="a")
        hanging = asyncio.create_task(extraction.run(hang, input="a"))
        await asyncio.wait([hanging], timeout=0.01)
        hanging.cancel()
        with pytest.raises(asyncio.CancelledError):
            await hanging
        assert await extraction.run(double, 2, input="a") == 4


async def test_the_loop_goes_on_while_a_process_starts_and_works():
    async with opened() as extraction:
        call = asyncio.create_task(extraction.run(double, 1, input="a"))
        longest, before = 0.0, time.perf_counter()
        while not call.done():
            await asyncio.sleep(0)
            now = time.perf_counter()
            longest, before = max(longest, now - before), now
        assert longest < 0.5


async def test_closing_ends_what_runs_and_nothing_is_left():
    async with opened(processes=2) as extraction:
        await extraction.run(double, 1, input="a")
        hanging = [asyncio.create_task(extraction.run(hang, input="a")) for _ in range(3)]
        await asyncio.wait(hanging, timeout=0.01)
    assert multiprocessing.active_children() == []
    assert not [thread for thread in threading.enumerate() if "ExecutorManager" in type(thread).__name__]
    for outcome in await asyncio.gather(*hanging, return_exceptions=True):
        assert isinstance(outcome, RuntimeError)
    with pytest.raises(RuntimeError, match="closed"):
        await extraction.run(double, 1, input="a")


async def test_processes_that_cannot_start_are_no_fault_of_the_page():
    async with opened(limit_bytes=2**20) as extraction:
        with pytest.raises(ExtractionUnavailable):
            await extraction.run(double, 1, input="a")


PARENT = """
import asyncio, sys
sys.path.insert(0, {folder!r})
from test_extraction import facts, hang, opened

async def main():
    async with opened() as extraction:
        print((await extraction.run(facts, input="a"))[0], flush=True)
        await extraction.run(hang, input="a")

if __name__ == "__main__":
    asyncio.run(main())
"""


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_process_ends_with_the_one_that_started_it(how, tmp_path):
    script = tmp_path / "parent.py"
    script.write_text(PARENT.format(folder=os.path.dirname(__file__)))
    with subprocess.Popen(
        [sys.executable, script], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as parent:
        assert int(parent.stdout.readline()) != parent.pid
        parent.send_signal(how)
        # The child inherits the pipe: it ends only when both are gone.
        assert parent.communicate(timeout=PATIENT_S)[0] == ""
