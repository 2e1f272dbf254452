"""A server's settings are those its managers made, over a restart, and nobody else's."""

from bot.records.guilds import GuildSettings

HERE, THERE = 501, 502


async def test_a_server_that_set_nothing_has_the_settings_of_all(opened):
    async with opened() as records:
        settings = await records.guilds.read(HERE)
    assert settings == GuildSettings()
    assert settings.may_speak_in(1)
    assert not settings.is_private


async def test_settings_are_read_as_they_were_written_after_a_restart_and_only_in_their_server(opened):
    written = GuildSettings(frozenset({2**60, 7}), True, True, 12.5, 0)
    async with opened() as records:
        assert await records.guilds.read(HERE) == GuildSettings()
        await records.guilds.write(HERE, GuildSettings(frozenset()))
        await records.guilds.write(HERE, written)
        assert await records.guilds.read(HERE) == written
    async with opened() as records:
        assert await records.guilds.read(HERE) == written
        assert await records.guilds.read(THERE) == GuildSettings()
        await records.guilds.remove(HERE)
        assert await records.guilds.read(HERE) == GuildSettings()


def test_it_may_speak_in_the_named_channels_and_their_threads_alone():
    settings = GuildSettings(channel_ids=frozenset({7}))
    assert settings.may_speak_in(7)
    assert settings.may_speak_in(8, 7), "a thread of the channel"
    assert not settings.may_speak_in(8, None)
    assert not GuildSettings(channel_ids=frozenset()).may_speak_in(7)
