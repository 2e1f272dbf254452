"""What people and operators get on Discord, each with the tests that show it, run and counted by where people are.

.venv/bin/python tests/scenarios.py            # runs them and prints the table
.venv/bin/python tests/scenarios.py --names    # prints the tests of each, and runs nothing
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parents[1]

#: How the parameters of tests name the places where people are; a test without any is of no place of its own.
SURFACES = {
    "server": r"\[(?:.*-)?guild\]|\[(?:.*-)?in_server\]",
    "thread": r"\[(?:.*-)?thread\]",
    "direct message": r"\[(?:.*-)?dm\]|\[(?:.*-)?in_direct_message\]",
    "user install": r"\[(?:.*-)?user install\]|with_a_friend\]|in_a_server_without_the_bot\]",
}

CARD, COGS = "bot/rendering/test_answer_card.py::", "bot/cogs/"
BUTTONS, FOLLOW, RULES = f"{COGS}test_buttons.py::", f"{COGS}test_answers.py::", f"{COGS}test_house_rules.py::"
COMMANDS, SERVED, NEWS = "bot/test_discord_commands.py::", "bot/test_discord.py::", f"{COGS}test_news.py::"
BREAKS, LANGUAGE, TALK = (
    "bot/test_connection_breaks.py::",
    f"{COGS}test_languages.py::",
    f"{COGS}test_conversation.py::",
)

#: What is promised -> the tests that show it.
SCENARIOS = {
    "An answer with linked marks, quoted sources, dates and ages": [
        f"{CARD}test_an_answer_shows_its_claims_then_its_sources_then_the_index",
        f"{CARD}test_the_footer_says_as_of_when_and_counts_the_index_and_dates_its_newest_article",
        f"{CARD}test_copies_of_a_cited_article_are_named_with_it_and_counted_where_they_are_many",
        f"{COMMANDS}test_every_command_works_in_every_place",
    ],
    "A stale index is told where the latest is wanted": [
        f"{CARD}test_a_question_for_the_latest_is_warned_of_an_index_that_is_behind"
    ],
    "A long answer goes over pages, nothing is cut silently": [
        f"{CARD}test_what_does_not_fit_a_message_goes_over_pages_and_every_sentence_and_source_is_there",
        f"{BUTTONS}test_whoever_asked_turns_the_pages_of_the_card_itself",
        f"{BUTTONS}test_anybody_else_leafs_through_a_copy_and_the_card_stays",
    ],
    "A number shows the quote in its context, to whoever pressed": [
        f"{BUTTONS}test_a_number_shows_the_quote_in_its_context_to_whoever_pressed_alone"
    ],
    "More sources": [f"{BUTTONS}test_more_sources_are_the_copies_and_what_was_found_besides"],
    "Follow up by a modal": [
        f"{BUTTONS}test_a_follow_up_is_answered_with_the_conversation_of_its_answer",
        f"{BUTTONS}test_anybody_may_follow_up_and_goes_on_from_that_answer_alone",
    ],
    "Thumbs, with words by consent; exported for evaluation": [
        f"{BUTTONS}test_a_thumb_is_taken_and_words_only_with_consent",
        "bot/test_feedback_commands.py::test_json_has_all_thumbs_and_an_export_what_evaluation_reads",
    ],
    "Whoever asked deletes the answer": [
        f"{BUTTONS}test_whoever_asked_deletes_the_answer_and_others_are_told_that_they_cannot"
    ],
    "Buttons and conversations outlive a restart": [
        f"{BUTTONS}test_after_a_restart_old_buttons_and_a_modal_opened_before_answer_and_the_conversation_goes_on",
        f"{SERVED}test_after_a_kill_old_buttons_answer_and_say_what_was_corrected_and_the_conversation_goes_on",
    ],
    "Follow-ups by /ask, reply, mention in a thread and plain talk": [
        f"{FOLLOW}test_ask_goes_on_from_what_the_same_person_asked_there",
        f"{FOLLOW}test_a_reply_to_the_bots_message_goes_on_from_it",
        f"{FOLLOW}test_mentions_in_a_thread_are_a_conversation_of_their_own",
        f"{FOLLOW}test_plain_talk_in_a_direct_message_is_a_conversation",
        f"{FOLLOW}test_a_conversation_is_forgotten_after_an_hour_and_holds_six_exchanges",
        f"{FOLLOW}test_what_was_understood_is_shown_and_goes_on_into_the_conversation",
    ],
    "/ask since, until, source, private": [
        f"{COMMANDS}test_what_lies_outside_the_limits_is_no_source",
        f"{COMMANDS}test_a_date_that_makes_no_sense_is_named",
        f"{COMMANDS}test_publishers_are_offered_while_a_source_is_typed",
        f"{COGS}test_ask.py::test_a_private_answer_is_for_the_askers_eyes_only",
    ],
    "/latest, /timeline, /sources, /status, /help": [f"{COMMANDS}test_every_command_works_in_every_place"],
    "/privacy tells, exports and erases": [
        f"{COGS}test_privacy.py::test_it_tells_what_is_kept_and_for_how_long_to_whoever_asks_alone",
        f"{COGS}test_privacy.py::test_it_hands_over_what_that_person_asked_and_nothing_of_others",
        f"{COGS}test_privacy.py::test_it_erases_what_was_asked_and_buttons_say_so",
    ],
    "Ask the news about this": [f"{COMMANDS}test_a_message_is_asked_about_in_every_place_and_answered_to_whoever_asks"],
    "Where is this quote from?": [
        f"{COMMANDS}test_the_source_of_a_quote_is_told_in_every_place_to_whoever_looks_for_it",
        f"{COMMANDS}test_a_near_quote_shows_what_was_changed",
        f"{COMMANDS}test_an_invented_quote_is_not_in_the_index",
    ],
    "/news for managers": [
        f"{NEWS}test_a_manager_adds_lists_and_removes_a_feed_of_the_servers_own",
        f"{NEWS}test_trying_out_shows_what_would_be_taken",
        f"{NEWS}test_whoever_a_server_offers_it_to_without_the_permission_is_refused",
        f"{NEWS}test_a_manager_says_where_and_how_the_bot_answers_and_is_told_how_it_is_set",
        f"{NEWS}test_a_manager_limits_what_is_asked_and_lets_it_go_again",
        f"{RULES}test_where_the_bot_may_not_speak_a_mention_gets_no_answer_at_all",
        f"{RULES}test_an_answer_to_a_mention_opens_a_thread_in_which_the_conversation_goes_on",
    ],
    "What a server has privately shows nowhere else": [
        f"{NEWS}test_one_server_learns_nothing_of_anothers_feeds",
        "bot/answering/test_isolation.py::"
        "test_each_answer_is_the_one_of_a_home_that_holds_no_more_than_who_asks_may_see",
        "bot/test_browsing_isolation.py::test_lists_and_choices_are_those_of_what_may_be_seen",
    ],
    "An abstention says what was looked at, the nearest, how to ask": [
        f"{CARD}test_an_abstention_says_what_was_looked_at_unless_there_is_nothing",
        f"{CARD}test_an_abstention_names_the_nearest_articles",
        f"{CARD}test_an_abstention_says_how_to_ask_better_with_what_was_typed_escaped",
    ],
    "Whoever waits is told their place, what is read and what is written": [
        f"{COGS}test_waiting.py::test_after_a_second_the_place_in_line_is_told_and_then_what_is_read_each_once",
        f"{COGS}test_waiting.py::test_sentences_that_are_written_are_shown_as_text_at_most_once_a_second",
        "bot/answering/test_progress.py::test_a_sentence_is_told_while_the_model_still_writes",
    ],
    "Each in their own language": [
        f"{LANGUAGE}test_a_card_its_buttons_and_what_they_show_speak_the_language_of_whoever_uses_them",
        f"{LANGUAGE}test_every_name_and_description_is_translated_and_no_translation_is_left_over",
        "bot/locales/test_speaking.py::test_every_sentence_is_translated_and_no_translation_is_left_over",
    ],
    "What is forgotten stands in no file, and buttons say so": [
        f"{SERVED}test_what_is_forgotten_while_the_bot_serves_stands_in_no_file_and_its_buttons_say_so",
        "bot/test_leftovers.py::test_no_byte_of_it_is_left_in_answers_conversations_feedback_and_waiting_questions",
    ],
    "Cooldowns, budgets, a bounded line": [
        f"{COGS}test_ask.py::TestWithLimits",
        f"{COGS}test_in_flight.py::"
        "test_one_more_than_may_be_in_flight_is_refused_before_it_is_acknowledged_even_all_at_once",
        "bot/answering/test_generative.py::"
        "test_once_the_budget_is_spent_the_fallback_answers_with_a_notice_and_the_model_is_not_asked",
    ],
    "Broken connections, shards, stops and kills": [
        f"{BREAKS}test_questions_asked_while_the_connection_is_cut_are_answered_after_it_resumes",
        f"{BREAKS}test_a_request_of_an_interaction_that_fails_shows_the_answer_once",
        f"{BREAKS}test_a_reply_to_a_message_that_fails_is_sent_once",
        f"{BREAKS}test_as_many_shards_as_discord_asks_for_answer_for_their_servers_and_one_for_direct_messages",
        f"{SERVED}test_what_a_kill_left_unanswered_is_answered_after_the_restart_once",
        f"{SERVED}test_on_sigterm_everybody_has_an_answer_or_is_told_that_it_comes_and_then_gets_it",
    ],
    "Health, readiness, metrics": [f"{SERVED}test_a_probe_and_prometheus_learn_how_it_goes"],
    "No ping, no live Markdown, no answer to bots": [
        "bot/test_hostile_words.py::test_two_hundred_hostile_words_in_every_card_ping_nobody_and_break_nothing",
        f"{TALK}test_bots_and_webhooks_are_never_answered",
        f"{TALK}test_plain_talk_and_replies_among_people_are_not_answered",
        f"{TALK}test_a_ping_of_everyone_is_no_question",
    ],
}


class Outcomes:
    """Notes which tests passed; a plugin of pytest."""

    def __init__(self) -> None:
        self.passed: dict[str, bool] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note a phase of a test: all of its phases must pass."""
        self.passed[report.nodeid] = self.passed.get(report.nodeid, True) and report.passed


def main() -> int:
    """Run or name the tests of all scenarios."""
    console = Console(width=200)
    if "--names" in sys.argv[1:]:
        for promised, tests in SCENARIOS.items():
            console.print(promised, *(f"  {test.rpartition('::')[2]}" for test in tests), sep="\n", highlight=False)
        return 0
    outcomes = Outcomes()
    wanted = sorted({f"tests/{test}" for tests in SCENARIOS.values() for test in tests})
    status = pytest.main(["-q", "--rootdir", str(ROOT), *(f"{ROOT}/{one}" for one in wanted)], plugins=[outcomes])
    columns = (*SURFACES, "elsewhere", "failed")
    table = Table("", *columns)
    for promised, tests in SCENARIOS.items():
        counts = counted([f"tests/{test}" for test in tests], outcomes.passed)
        table.add_row(promised, *(str(counts[column] or "-") for column in columns))
    total = counted(wanted, outcomes.passed)
    table.add_row(f"{len(SCENARIOS)} promises, each test once", *(str(total[column] or "-") for column in columns))
    console.print(table)
    return int(status)


def counted(tests: Sequence[str], passed: Mapping[str, bool]) -> Counter[str]:
    """Count the runs of tests by where people are, and those that failed."""
    counts: Counter[str] = Counter()
    for node, has_passed in passed.items():
        if any(re.match(re.escape(one) + r"(?:$|\[|::)", node) for one in tests):
            place = next((name for name, pattern in SURFACES.items() if re.search(pattern, node)), "elsewhere")
            counts[place] += 1
            counts["failed"] += not has_passed
    return counts


if __name__ == "__main__":
    sys.exit(main())
