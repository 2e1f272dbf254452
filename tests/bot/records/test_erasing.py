"""What has something of forgotten articles is found by what it rests on, by names and by words, and is erased."""

from bytes_on_disk import found_bytes

from bot.answering.questions import Exchange
from bot.records.erasing import Begun
from bot.records.forgotten import ForgottenArticles, stems_of
from bot.records.pending import PendingQuestion
from bot.records.resting import RestsOn

USER, PLACE = 11, 701
OTHERS = {"citations": [], "claims": [], "short_answer": None, "abstention": None, "status": "abstained"}


def asked(at, question, **options):
    return PendingQuestion(USER, PLACE, None, question, options, at, 1, "token", 2)


async def test_all_that_rests_on_an_article_is_erased_by_its_id_and_the_rest_stays(
    opened, make_kept, make_outcome, clock, tmp_path
):
    wanted = {one: one.encode() for one in ("Zyxwvutsia", "Plumdragonov", "obscurer.example")}
    async with opened() as records:
        number = await records.answers.keep(make_kept())
        other = await records.answers.keep(make_kept(outcome=make_outcome(**OTHERS)))
        talk = Exchange("Who hid?", "Plumdragonov [1]: “Zyxwvutsia Plumdragonov hid.”")
        await records.conversations.add(PLACE, USER, talk, clock.at, outcome=make_outcome())
        await records.conversations.add(PLACE, USER, Exchange("and when?", "On Monday [1]."), clock.at)
        await records.conversations.add(PLACE + 1, USER, Exchange("Who won?", "Nobody."), clock.at)
        asker = make_kept().asker_id
        await records.feedback.give(number, asker, is_good=True, at=clock.at, words="Yes", consents=True)
        resting = await records.erasing.rests_on()
        assert resting.article_ids == {"plum"}
        assert found_bytes(tmp_path, wanted) != set()
        assert await records.erasing.erase(ForgottenArticles(RestsOn(frozenset({"plum"})))) == 3
        assert found_bytes(tmp_path, wanted) == set()
        assert await records.answers.read(number) is None
        assert await records.answers.read(other) is not None
        assert await records.conversations.read(PLACE, USER, clock.at) == (), "the later ones leaned on it"
        assert len(await records.conversations.read(PLACE + 1, USER, clock.at)) == 1
        (thumb,) = await records.feedback.list()
        assert (thumb.is_good, thumb.words, thumb.question, thumb.outcome) == (True, None, None, None)
        assert await records.erasing.rests_on() == RestsOn()


async def test_copies_and_nearest_articles_are_found_by_address_and_publisher(opened, make_kept):
    async with opened() as records:
        number = await records.answers.keep(make_kept())
        gone = ForgottenArticles(RestsOn(urls=frozenset({"https://elsewhere.example/"}), sources=frozenset({"Other"})))
        assert await records.erasing.erase(gone) == 0
        assert await records.erasing.erase(ForgottenArticles(RestsOn(sources=frozenset({"Copyist"})))) == 1
        assert await records.answers.read(number) is None


async def test_waiting_questions_are_found_by_names_and_by_words_that_no_article_has_any_more(opened, clock):
    async with opened() as records:
        for question in ("What is HTTPS://obscurer.example/affair about?", "When did Plumdragonov leave?", "Who won?"):
            await records.pending.accept(asked(clock.at, question))
        await records.pending.accept(asked(clock.at, "What is new?", sources=["The Obscurer"]))
        assert stems_of("When did Plumdragonov leave?") <= await records.erasing.stems()
        gone = ForgottenArticles(
            names=frozenset({"https://obscurer.example/affair", "the obscurer"}), stems=frozenset({"plumdragonov"})
        )
        assert await records.erasing.erase(gone) == 3
        assert [one.question for _, one in await records.pending.unfinished()] == ["Who won?"]


async def test_an_answer_that_was_limited_to_a_forgotten_publisher_is_erased(opened, make_kept, make_outcome):
    async with opened() as records:
        limited = make_outcome(**OTHERS, sources=["The Obscurer"])
        number = await records.answers.keep(make_kept(outcome=limited))
        assert await records.erasing.erase(ForgottenArticles(names=frozenset({"the obscurer"}))) == 1
        assert await records.answers.read(number) is None


async def test_what_a_forgetting_looks_for_is_noted_until_it_was_erased(opened, tmp_path):
    async with opened() as records:
        assert await records.erasing.begun() is None
        await records.erasing.begin(Begun(frozenset({"the obscurer"}), frozenset({"plumdragonov"})))
    async with opened() as records:
        await records.erasing.begin(Begun(frozenset({"copyist"}), frozenset()))
        assert await records.erasing.begun() == Begun(
            frozenset({"the obscurer", "copyist"}), frozenset({"plumdragonov"})
        )
        assert await records.erasing.erase(ForgottenArticles()) == 0
        assert await records.erasing.begun() is None
        assert found_bytes(tmp_path, {"noted": b"plumdragonov"}) == set()


async def test_an_answer_that_was_on_its_way_while_articles_were_forgotten_is_not_kept(opened, make_kept, clock):
    async with opened() as records:
        await records.erasing.erase(ForgottenArticles())
        assert await records.answers.keep(make_kept()) == 0
        assert await records.answers.keep(make_kept(asked_at=clock.at.replace(second=1))) > 0


async def test_records_of_more_than_one_page_are_all_looked_through(opened, make_kept):
    async with opened() as records:
        numbers = [await records.answers.keep(make_kept()) for _ in range(401)]
        assert await records.erasing.erase(ForgottenArticles(RestsOn(frozenset({"plum"})))) == 401
        assert await records.answers.read(numbers[-1]) is None
