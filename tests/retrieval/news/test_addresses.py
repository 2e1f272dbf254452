"""No way of writing a URL leads to an address inside the operator's network."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.errors import UrlBlocked
from retrieval.news.addresses import check_fetchable, refused_address

FETCHABLE = {
    "https://news.example/a/b?c=d": "https://news.example/a/b?c=d",
    "  http://News.Example:8080/x#part  ": "http://news.example:8080/x",
    "http://9.9.9.9/feed.xml": "http://9.9.9.9/feed.xml",
    "https://[2620:fe::9]/": "https://[2620:fe::9]/",
    "https://zürich.example/ö": "https://xn--zrich-kva.example/%C3%B6",
    "https://news.example/a b": "https://news.example/a%20b",
    "https://127.0.0.1.news.example/": "https://127.0.0.1.news.example/",
    "https://news.example/?next=http://127.0.0.1/": "https://news.example/?next=http://127.0.0.1/",
}

BLOCKED = [
    # schemes and forms
    "", "news.example", "//news.example/", "ftp://news.example/", "file:///etc/hostname", "javascript:alert(1)",
    "http:news.example", "http:/news.example", "http://", "http:///path", "http://?query", "http://:80/",
    "http://news.example:99999/", "http://news.example:port/", "http://news.example:0/", "http://[::1",
    # hosts that hide
    "http://editor@news.example/", "http://editor:secret@news.example/", "http://@news.example/",
    "http://news.example\\@other.example/", "http://news%2eexample/", "http://news.example\n.other.example/",
    "http://news.exam\u200bple/", "http://news.example/\x00", "http://news.example/\udc80", "http://news .example/",
    "http://news..example/", "http://-news.example/", "http://news.example./", "http://" + "a" * 64 + ".example/",
    "http://" + "a." * 140 + "example/", "https://news.example/" + "x" * 5000,
    # local names
    "http://localhost/", "http://LOCALHOST:8000/", "http://app.localhost/", "http://router/", "http://db.internal/",
    "http://printer.local/", "http://wiki.corp/", "http://nas.home.arpa/", "http://box.localdomain/",
    # addresses in the usual writing
    "http://127.0.0.1/", "http://127.8.9.10/", "http://0.0.0.0/", "http://10.1.2.3/", "http://172.20.0.1/",
    "http://192.168.7.7/", "http://169.254.169.254/latest/", "http://100.100.100.200/", "http://192.0.0.192/",
    "http://168.63.129.16/", "http://224.0.0.1/", "http://255.255.255.255/", "http://240.0.0.1/", "http://198.18.0.1/",
    "http://192.88.99.1/", "http://203.0.113.5/",
    # and in others
    "http://127.1/", "http://10.1/", "http://2130706433/", "http://017700000001/", "http://0177.0.0.1/",
    "http://0x7f000001/", "http://0x7f.0.0.1/", "http://0x/", "http://o177.0.0.1/", "http://127.0.0.1./",
    "http://127.0.0.256/", "http://1.1.1/", "http://9.9.9.09/", "http://99999999999/", "http://1.2.3.4.5/",
    "http://１２７.０.０.１/", "http://①②⑦。⓪。⓪。①/", "http://news.example.1/",
    # IPv6, and IPv4 inside it
    "http://[::1]/", "http://[::]/", "http://[fe80::1]/", "http://[fe80::1%25eth0]/", "http://[fd00:ec2::254]/",
    "http://[fc00::1]/", "http://[ff02::1]/", "http://[fec0::1]/", "http://[2001:db8::1]/", "http://[3fff::1]/",
    "http://[::ffff:127.0.0.1]/", "http://[::ffff:a9fe:a9fe]/", "http://[::10.0.0.1]/", "http://[64:ff9b::10.0.0.1]/",
    "http://[64:ff9b:1::9.9.9.9]/", "http://[2002:7f00:1::]/", "http://[2001:0:a00:1::1]/", "http://[0:0:0:0:0:0:0:1]/",
    "http://[5f00::1]/",
    # ports
    "http://news.example:22/", "http://news.example:25/", "http://news.example:6379/", "http://news.example:11211/",
]  # fmt: skip


@pytest.mark.parametrize(("url", "read"), FETCHABLE.items())
def test_public_urls_are_read_as_they_are_fetched(url, read):
    assert str(check_fetchable(url)) == read


@pytest.mark.parametrize("url", BLOCKED)
def test_everything_else_is_blocked_with_a_reason(url):
    with pytest.raises(UrlBlocked) as blocked:
        check_fetchable(url)
    assert blocked.value.reason
    assert blocked.value.url.isascii()


@given(st.text(max_size=80) | st.text(alphabet="htp:/@[]0123456789.xaf%\\#?", max_size=40))
def test_whatever_the_text_it_is_read_or_blocked(text):
    for url in (text, "http://" + text, "http://[" + text):
        with contextlib.suppress(UrlBlocked):
            assert check_fetchable(url).scheme in ("http", "https")


@given(st.ip_addresses())
def test_no_private_address_passes_in_either_family(address):
    public = refused_address(str(address)) is None
    assert not (public and (address.is_private or address.is_loopback or address.is_link_local or address.is_multicast))


def test_an_ipv4_address_inside_an_ipv6_address_decides():
    """Networks with IPv6 only reach all of IPv4 by 64:ff9b::/96."""
    assert refused_address("64:ff9b::9.9.9.9") is None
    assert refused_address("::ffff:9.9.9.9") is None
    assert refused_address("64:ff9b::192.168.0.1") is not None
    assert refused_address("2002:0909:0909::1") is None
    assert refused_address("2002:c0a8:0001::1") is not None


def test_private_hosts_are_fetched_by_exactly_their_names():
    named = frozenset(("news.intranet", "10.0.0.7", "127.0.0.1:8080", "[fd00::8]:8080", "router:81"))
    for url in (
        "http://news.intranet/",
        "https://NEWS.intranet:8443/a",
        "http://10.0.0.7/",
        "http://127.0.0.1:8080/",
        "http://[fd00::8]:8080/",
        "http://router:81/",
    ):
        assert check_fetchable(url, private_hosts=named)
    for url in (
        "http://old.news.intranet/",
        "http://news.intranet.local/",
        "http://news.intranet:22/",
        "http://10.0.0.8/",
        "http://127.0.0.1/",
        "http://127.0.0.1:8081/",
        "http://127.1:8080/",
        "http://router/",
        "ftp://news.intranet/",
        "http://me@news.intranet/",
    ):
        with pytest.raises(UrlBlocked):
            check_fetchable(url, private_hosts=named)


def test_even_a_named_host_never_leads_to_a_clouds_credentials():
    assert refused_address("192.168.1.1", is_named=True) is None
    assert refused_address("::1", is_named=True) is None
    for address in ("169.254.169.254", "::ffff:169.254.169.254", "fd00:ec2::254", "100.100.100.200", "0.0.0.0", "::"):
        assert refused_address(address, is_named=True)
