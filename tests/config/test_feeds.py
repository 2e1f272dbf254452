"""The operator's file of feeds is read whole, or refused with its name and what is wrong."""

from __future__ import annotations

import pytest

from config.feeds import NamedFeed, load_feeds
from config.settings import SettingsInvalid, load_settings


def load(path):
    settings = load_settings()
    intake = settings.intake.model_copy(update={"feeds_file": str(path)})
    return load_feeds(settings.model_copy(update={"intake": intake}))


def test_the_packaged_file_names_none():
    assert load_feeds(load_settings()) == ()


def test_a_file_names_feeds_with_kind_source_and_tags(tmp_path):
    (tmp_path / "feeds.toml").write_text(
        '[[feeds]]\nurl = "https://news.example/rss.xml"\n'
        '[[feeds]]\nurl = "https://news.example/news.xml"\nkind = "sitemap"\nsource = "Courier"\ntags = ["local"]\n'
    )
    assert load(tmp_path / "feeds.toml") == (
        NamedFeed(url="https://news.example/rss.xml", kind="feed", source=None, tags=()),
        NamedFeed(url="https://news.example/news.xml", kind="sitemap", source="Courier", tags=("local",)),
    )


@pytest.mark.parametrize(
    ("written", "told"),
    [
        (b"[[feeds]\n", "is not valid TOML"),
        (b"\xff\xfe", "is not UTF-8"),
        (b'[[feeds]]\nurl = "https://news.example/a"\n[[feeds]]\nsource = "B"\n', "feeds.2.url: Field required"),
        (b'[[feeds]]\nurl = "news.example/a"\n', "feeds.1.url: 'news.example/a' is not an http or https URL"),
        (b'[[feeds]]\nurl = "https://news.example/a"\nkind = "site"\n', "feeds.1.kind"),
        (b'[[feeds]]\nurl = "https://news.example/a"\ntag = ["x"]\n', "feeds.1.tag"),
        (b'feed = "https://news.example/a"\n', "feed: Extra inputs"),
    ],
)
def test_a_file_that_is_wrong_is_refused_with_its_name_and_the_place(tmp_path, written, told):
    path = tmp_path / "my feeds.toml"
    path.write_bytes(written)
    with pytest.raises(SettingsInvalid) as refused:
        load(path)
    assert str(path) in str(refused.value)
    assert told in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_file_that_is_missing_is_refused_with_its_name(tmp_path):
    with pytest.raises(SettingsInvalid, match=r"none\.toml, which cannot be read"):
        load(tmp_path / "none.toml")
