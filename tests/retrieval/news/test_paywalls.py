"""Stubs, walls and notices are told from articles, and an article is not lost for the offers around it."""

import pytest
from lxml.html import document_fromstring

from retrieval.news.json_ld import StatedArticle
from retrieval.news.paywalls import StubKind, find_stub

SENTENCE = "The council of Corvane voted on Tuesday to rebuild the old market hall beside the river. "
BEGINNING = SENTENCE * 4  # some 350 characters
WHOLE = SENTENCE * 16  # some 1,400
LONG = SENTENCE * 60  # some 5,300
NOT_FREE = StatedArticle(is_free=False)


def judge(text, *, around="", title="Market hall", stated=None):
    body = "".join(f"<p>{line}</p>" for line in text.splitlines())
    page = f"<html><head><title>{title}</title></head><body><article>{body}</article>{around}</body></html>"
    return find_stub(document_fromstring(page), text=text, stated=stated)


def kind(*args, **kwargs):
    found = judge(*args, **kwargs)
    return None if found is None else found.kind


@pytest.mark.parametrize(
    "wall",
    [
        "Subscribe to continue reading.",
        "To continue reading this story, please log in or create an account.",
        "To read the full article, subscribe now.",
        "This article is only available to our subscribers.",
        "You've reached your limit of free articles.",
        "Sign in to read the full story",
        "Dieser Artikel ist exklusiv für Abonnenten.",
        "Um weiterzulesen, testen Sie unser Angebot.",
        "Cet article est réservé aux abonnés.",
        "Il vous reste 78 % de cet article à lire.",
        "Contenido exclusivo para suscriptores",
        "Suscríbete para seguir leyendo",
        "Contenuto riservato agli abbonati",
        "Abbonati per continuare a leggere",
        "Conteúdo exclusivo para assinantes",
        "Abonneer je nu om verder te lezen",
        "Artykuł dostępny tylko dla prenumeratorów",
        "Logga in för att läsa vidare, eller bli prenumerant: för att läsa hela texten, logga in",
    ],
)
def test_a_beginning_with_a_wall_under_it_is_a_paywall_in_several_languages(wall):
    assert kind(f"{BEGINNING}\n{wall}") is StubKind.PAYWALL
    assert kind(f"{WHOLE}\n{wall}") is StubKind.PAYWALL
    assert kind(BEGINNING, around=f"<div>{wall}</div>") is StubKind.PAYWALL


@pytest.mark.parametrize(
    "offer",
    [
        "Subscribe to our newsletter and never miss a story.",
        "Already a subscriber? Log in.",
        "Support independent journalism: become a member today.",
        "We use cookies. Manage preferences or accept all.",
        "Sign up to get the morning briefing in your inbox.",
        "Abonnieren Sie unseren Newsletter.",
    ],
)
@pytest.mark.parametrize("text", [BEGINNING, WHOLE, LONG])
def test_a_free_article_keeps_its_place_among_offers(offer, text):
    assert judge(text, around=f"<div class='promo'>{offer}</div>") is None


@pytest.mark.parametrize("text", [WHOLE, LONG])
def test_an_article_about_walls_is_no_wall(text):
    about = "Readers who wanted more were told to subscribe to continue reading, and most left. "
    assert judge(f"{about}\n{text}") is None


def test_a_script_of_a_wall_proves_nothing():
    script = "<script>paywall.show('Subscribe to continue reading')</script><noscript>Enable JavaScript</noscript>"
    assert judge(BEGINNING, around=script) is None


def test_a_marked_wall_needs_a_text_that_breaks_off():
    wall = "<div class='c-paywall__box'>Choose your subscription</div>"
    assert kind(f"{BEGINNING.strip()[:-1]} ...", around=wall) is StubKind.PAYWALL
    assert judge(BEGINNING, around=wall) is None
    assert judge(f"{BEGINNING} ...", around="<div class='c-paywall__box'></div>") is None


def test_what_the_publisher_states_as_not_free_is_a_stub_when_short_or_cut():
    short = judge(BEGINNING, stated=NOT_FREE)
    assert short is not None
    assert short.kind is StubKind.PAYWALL
    assert short.evidence == f"the publisher states that it is not free, and it has {len(BEGINNING)} characters"
    assert kind(f"{WHOLE}...", stated=NOT_FREE) is StubKind.PAYWALL


@pytest.mark.parametrize("text", [WHOLE, LONG])
def test_a_whole_text_is_kept_though_the_publisher_states_that_it_is_not_free(text):
    assert judge(text, stated=NOT_FREE) is None


def test_the_publishers_own_count_decides():
    words = len(BEGINNING.split())
    assert judge(BEGINNING, stated=StatedArticle(is_free=False, words=words + 5)) is None
    assert judge(BEGINNING, stated=StatedArticle(is_free=False, body=BEGINNING)) is None
    for text in (WHOLE, LONG):
        most = StatedArticle(is_free=False, words=3 * len(text.split()))
        assert judge(text, stated=most).evidence == (
            f"the publisher states {most.words} words, and {len(text.split())} are here"
        )
    # without a wall it is our extraction that missed them
    assert judge(WHOLE, stated=StatedArticle(words=3000)) is None


def test_a_log_in_in_the_articles_place_is_a_paywall():
    assert kind("", around="<p>You must be logged in to view this page.</p>") is StubKind.PAYWALL


@pytest.mark.parametrize(
    "dialogue",
    [
        "We and our 842 partners store and access information on a device. Accept all. Manage options.",
        "Before you continue to News Example\nWe use cookies to keep the service running. Reject all",
        "Wir und unsere Partner verarbeiten Daten. Alle akzeptieren",
        "Nous et nos partenaires stockons des informations. Tout accepter",
        "Nosotros y nuestros socios almacenamos datos. Aceptar todo",
        "Noi e i nostri partner archiviamo informazioni. Accetta tutto",
        "Wij en onze partners slaan gegevens op. Alles accepteren",
    ],
)
def test_a_dialogue_without_an_article_is_a_consent_wall(dialogue):
    assert kind(dialogue) is StubKind.CONSENT
    assert kind("", around=f"<div>{dialogue}</div>") is StubKind.CONSENT


@pytest.mark.parametrize(
    ("title", "text", "expected"),
    [
        ("Just a moment...", "", StubKind.BOT_CHECK),
        ("Corvane Courier - Are you a robot?", "Are you a robot? Please tick the box.", StubKind.BOT_CHECK),
        ("courier.example", "Checking your browser before you can read on.", StubKind.BOT_CHECK),
        ("Courier", "We have detected unusual activity from your computer network.", StubKind.BOT_CHECK),
        ("Access Denied", "You have no permission to see this page on this server.", StubKind.BOT_CHECK),
        ("Courier", "You need to enable JavaScript to run this app.", StubKind.NEEDS_SCRIPTS),
        ("Page not found | Courier", "Have a look at these stories instead.", StubKind.NOT_FOUND),
        ("404", "Nothing here.", StubKind.NOT_FOUND),
        ("Seite nicht gefunden – Kurier", "Hier ist nichts.", StubKind.NOT_FOUND),
        ("Page introuvable - Le Courrier", "Rien ici.", StubKind.NOT_FOUND),
        ("Página no encontrada | El Correo", "Nada.", StubKind.NOT_FOUND),
    ],
)
def test_checks_and_missing_pages_are_told_by_their_title_or_words(title, text, expected):
    assert kind(text, title=title) is expected


def test_news_of_consent_is_news():
    assert judge(f'The regulator fined the shop whose site said "We use cookies". {BEGINNING}') is None


def test_news_of_robots_codes_and_missing_things_is_news():
    assert judge(f"Seismologists saw unusual activity under the volcano. {BEGINNING}") is None
    assert judge(BEGINNING, title="Page not found in medieval book turns up - Courier") is None
    assert judge(BEGINNING, title="404 days without rain | Courier") is None
    assert judge(f"The site will require JavaScript from May. {WHOLE}") is None


@pytest.mark.parametrize(
    "hostile",
    ["<div class=paywall>subscribe" * 3000, f"<div class='{'paywall-' * 50_000}'>subscribe</div>", "to read " * 50_000],
)
def test_markup_made_to_take_long_is_judged(hostile):
    assert judge(BEGINNING, around=hostile) is None
