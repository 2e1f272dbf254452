"""A small web site on loopback whose pages a test writes and changes, for whoever fetches it from whichever process."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

RSS, ATOM, XML, HTML = "application/rss+xml", "application/atom+xml", "application/xml", "text/html; charset=utf-8"

_WORDS = (
    "The council of Marrow Bay met on Monday evening to hear what the works will cost. "
    "Ada Corvallan, who leads it, said that the plan had been talked over for a year. "
    "Residents who spoke at the meeting asked for a later start, and were told that none is possible. "
)


#: What the one article of `serve_courier` says.
BRIDGE = "The Linnet Bridge opens on 3 May 2026 after two years of work."


@dataclass
class Site:
    """The pages of a site by path, each (status, media type, body); what was asked for is counted."""

    port: int
    pages: dict[str, tuple[int, str, bytes]] = field(default_factory=dict)
    requests: Counter[str] = field(default_factory=Counter)

    @property
    def host(self) -> str:
        """Its host and port, as the setting `intake.private_hosts` takes them."""
        return f"127.0.0.1:{self.port}"

    def url(self, path: str = "/") -> str:
        """The address of a path."""
        return f"http://{self.host}{path}"

    def put(self, path: str, body: str, media_type: str = HTML, status: int = 200) -> str:
        """Write a page and give its address."""
        self.pages[path] = (status, media_type, body.encode())
        return self.url(path)

    def put_article(self, path: str, title: str, sentence: str) -> str:
        """Write a page with an article that says a sentence among others."""
        told = f"<p>{sentence}</p><p>{_WORDS}</p><p>{_WORDS}</p>"
        return self.put(
            path,
            f'<html lang="en"><head><title>{title}</title></head>'
            f"<body><article><h1>{title}</h1>{told}</article></body></html>",
        )

    def put_feed(self, path: str, title: str, *entries: tuple[str, str], published: str | None = None) -> str:
        """Write a feed (RSS) of entries: (title, path of the page)."""
        dated = f"<pubDate>{published}</pubDate>" if published else ""
        items = "".join(
            f"<item><title>{name}</title><link>{self.url(page)}</link><guid>{self.url(page)}</guid>{dated}</item>"
            for name, page in entries
        )
        body = f'<?xml version="1.0"?><rss version="2.0"><channel><title>{title}</title>{items}</channel></rss>'
        return self.put(path, body, RSS)


@contextmanager
def serve_site() -> Iterator[Site]:
    """Serve a site, empty at first, until the block ends; its robots.txt and whatever else is missing are 404."""

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.requests[self.path] += 1
            status, media_type, body = site.pages.get(self.path, (404, "text/plain", b"nothing here"))
            self.send_response(status)
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    server.daemon_threads = True
    site = Site(server.server_port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def serve_courier() -> Iterator[Site]:
    """Serve a small paper: a first page that offers two feeds, one of which lists one article."""
    with serve_site() as served:
        served.put_article("/bridge", "Linnet Bridge opens", BRIDGE)
        served.put_feed("/rss.xml", "The Averden Courier", ("Linnet Bridge opens", "/bridge"))
        served.put_feed("/sport.xml", "Courier Sport")
        links = "".join(
            f'<link rel="alternate" type="application/rss+xml" title="{title}" href="{path}">'
            for title, path in (("News", "/rss.xml"), ("Sport", "/sport.xml"))
        )
        served.put("/", f"<html><head><title>The Averden Courier</title>{links}</head><body><p>News.</p></body></html>")
        yield served
