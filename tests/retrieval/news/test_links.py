"""Only addresses that lead where they seem to lead are shown as links."""

import pytest

from retrieval.news.links import check_url, names_a_site_only, site_name


@pytest.mark.parametrize(
    "url",
    [
        "https://ellerypost.example/2020/09/29/ferry?page=2#crew",
        "http://[2001:db8::1]:8080/a",
        "https://bücher.example/straße",
    ],
)
def test_an_absolute_web_address_passes_unchanged(url):
    assert check_url(url) == url


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("ftp://news.example/a", "is not an http or https URL"),
        ("javascript:alert(1)", "is not an http or https URL"),
        ("news.example/a", "is not an http or https URL"),
        ("//news.example/a", "is not an http or https URL"),
        ("https:///a", "is not an http or https URL"),
        ("https://news.example@evil.example/a", "hides its host"),
        ("https://:pw@evil.example/a", "hides its host"),
        ("https://news.example\\@evil.example/a", "characters that a URL cannot have"),
        ("https://news.example/a b", "characters that a URL cannot have"),
        ("https://news.example/\u202egpj.a", "characters that a URL cannot have"),
        ("https://news.example/a>(b", "characters that a URL cannot have"),
        ("http://[", "is not a URL"),
        ("http://news.example:99999/", "is not a URL"),
        ("https://news.example/" + "a" * 2000, "is longer than 2000 characters"),
    ],
)
def test_an_unsafe_address_is_refused_with_the_reason(url, reason):
    with pytest.raises(ValueError, match=reason):
        check_url(url)


def test_the_publisher_is_the_host_without_www():
    assert site_name("https://www.ElleryPost.example/a") == "ellerypost.example"


@pytest.mark.parametrize(
    ("url", "site_only"),
    [
        ("https://a.example", True),
        ("https://a.example/", True),
        ("https://a.example/?p=7", False),
        ("https://a.example/b", False),
    ],
)
def test_the_address_of_a_site_is_told_from_that_of_an_article(url, site_only):
    assert names_a_site_only(url) is site_only
