"""Every line of the log names the question it belongs to, on the worker too."""

import asyncio
import logging
import re

import pytest

from config.logs import question_id, set_up_logs
from retrieval.worker import Lane, open_worker


def lines(capsys):
    return capsys.readouterr().err.splitlines()


def test_a_line_has_time_level_name_question_and_message(capsys):
    set_up_logs("INFO")
    logging.getLogger("retrieval.search").info("retrieve hits=%d", 3)
    (line,) = lines(capsys)
    assert re.fullmatch(r"[\d-]+ [\d:,]+ INFO retrieval\.search \[-\] retrieve hits=3", line)


async def test_lines_of_questions_that_run_at_once_name_their_own_on_the_worker_too(capsys):
    set_up_logs("INFO")
    log = logging.getLogger("bot.answering")

    async def ask(worker, id):
        question_id.set(id)
        await worker.run(Lane.QUESTION, log.info, "on the worker")
        log.info("on the loop")

    with open_worker(max_waiting=8) as worker:
        await asyncio.gather(*(ask(worker, id) for id in ("q1", "q2", "q3")))
    log.info("outside")
    told = [re.sub(r".* \[(.*?)\] ", r"\1 ", line) for line in lines(capsys)]
    assert sorted(told) == sorted(
        [f"q{n} on the {place}" for n in (1, 2, 3) for place in ("loop", "worker")] + ["- outside"]
    )


@pytest.mark.parametrize(("level", "told"), [("DEBUG", 2), ("INFO", 1), ("WARNING", 0)])
def test_the_level_is_ours_and_other_libraries_speak_from_warning_on(capsys, level, told):
    set_up_logs(level)
    logging.getLogger("retrieval.index.dense").debug("words of people")
    logging.getLogger("discord.gateway").info("connected")
    logging.getLogger("httpx").info("GET https://discord.example")
    logging.getLogger("discord.http").debug("Bot token")
    assert len(lines(capsys)) == told
    logging.getLogger("httpx").warning("slow")
    assert len(lines(capsys)) == 1


def test_setting_up_twice_does_not_double_the_lines(capsys):
    set_up_logs("INFO")
    set_up_logs("INFO")
    logging.getLogger("bot").info("once")
    assert len(lines(capsys)) == 1


def test_loggers_made_before_are_not_silenced(capsys):
    before = logging.getLogger("retrieval.made_before")
    set_up_logs("INFO")
    before.info("still here")
    assert len(lines(capsys)) == 1


def test_a_gateway_connection_that_fails_takes_one_line_with_its_reason(capsys):
    set_up_logs("WARNING")
    try:
        raise ConnectionRefusedError("nobody listens")
    except ConnectionRefusedError:
        logging.getLogger("discord.shard").exception("Failed to connect for shard_id: %s. Retrying...", 0)
    (line,) = lines(capsys)
    assert line.endswith("Failed to connect for shard_id: 0. Retrying... (ConnectionRefusedError: nobody listens)")
