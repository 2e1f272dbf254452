"""The words of walls in several languages: what asks to subscribe, consent or prove oneself in an article's place."""

from __future__ import annotations

import re


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)


# Said only where reading stops: an offer such as "Subscribe to our newsletter" is none of them. Gaps are bounded.
WALL = _any(
    # English
    r"\b(?:subscribe|sign up|register|log ?in|sign in|become an? (?:subscriber|member)|join)\b.{0,30}? to "
    r"(?:continue reading|keep reading|read (?:on\b|more of this|the (?:full|rest|whole|entire|complete))"
    r"|unlock (?:this|the)|(?:gain|get) (?:full )?access to this|access (?:this|the full))",
    r"\bto (?:continue|keep|finish) reading\b.{0,60}?\b(?:subscri\w+|log ?in|sign (?:in|up)|regist\w+|account|trial)",
    r"\bto read (?:the|this) (?:full|rest|whole|entire|complete)\b.{0,60}?\b"
    r"(?:subscri\w+|log ?in|sign (?:in|up)|regist\w+)",
    r"\bthis (?:article|story|content|post|page) is (?:only |exclusively )?(?:available |reserved )?"
    r"(?:only |exclusively )?"
    r"(?:for|to) (?:our |paying |paid |registered |premium |digital |print ){0,3}(?:subscribers|members)",
    r"\byou(?:'|’)?(?: ha)?ve (?:reached|used|read) (?:up )?(?:your|all|the) .{0,40}?"
    r"(?:limit|free (?:articles|stories))",
    r"\bcontinue reading (?:this article )?with an? (?:\w+ )?subscription",
    r"\bthe rest of this (?:article|story) is (?:for|behind)\b",
    # German
    r"\b(?:dieser|der ganze|der vollständige) (?:artikel|beitrag|text|inhalt) (?:ist )?(?:nur |exklusiv ){0,2}für "
    r"(?:\S+ )?(?:abonnent|mitglieder|digitalabo)",
    r"\bum (?:weiter ?zu ?lesen|den (?:ganzen|vollständigen|gesamten) (?:artikel|text))\b",
    r"\b(?:mit|jetzt) .{0,30}?(?:abo|plus|registrier\w*) .{0,20}?weiter ?lesen",
    # French
    r"\b(?:article|contenu|suite)\b.{0,15}? réservée? (?:aux|à nos) abonn",
    r"\bpour lire la suite\b",
    r"\bil vous reste \d+(?:[.,]\d+)? ?% de cet article",
    r"\babonnez-vous pour (?:lire|continuer|accéder|poursuivre)",
    # Spanish
    r"\b(?:contenido|artículo|noticia) (?:exclusiv[oa]|solo) para (?:suscriptores|socios|abonados)",
    r"\b(?:suscríbete|suscríbase|regístrate|inicia sesión) para (?:seguir|continuar) leyendo",
    r"\bpara (?:seguir|continuar) leyendo\b.{0,60}?(?:suscr|regístr|inici)",
    # Italian
    r"\b(?:contenuto|articolo) (?:è )?(?:riservato|esclusivo) (?:agli|per gli) abbonati",
    r"\b(?:abbonati|registrati|accedi) per (?:continuare|proseguire|leggere)",
    r"\bper continuare a leggere\b.{0,60}?(?:abbon|registr|acced)",
    # Portuguese
    r"\b(?:conteúdo|matéria|artigo) exclusiv[oa] para assinantes",
    r"\b(?:assine|cadastre-se|faça login) para (?:continuar lendo|ler|continuar a ler)",
    # Dutch, Polish and the Nordic languages
    r"\b(?:abonneer|log in|registreer).{0,30}? om (?:verder|door) te lezen",
    r"\b(?:dit artikel is )?alleen (?:voor|toegankelijk voor) abonnees",
    r"\b(?:artykuł|treść|dostęp) (?:dostępn[ay] )?tylko dla (?:prenumeratorów|subskrybentów)",
    r"\b(?:för att|for å|for at) (?:läsa|lese|læse) (?:vidare|videre|hela|hele)\b.{0,60}?"
    r"(?:logg|log in|prenumer|abonn)",
    r"\b(?:endast|bara|kun) (?:för|for) (?:prenumeranter|abonnenter)",
)

# A log-in in the article's place.
LOG_IN = _any(
    r"\b(?:you (?:must|need to)|please) (?:be )?(?:log(?:ged)? ?in|sign(?:ed)? in) (?:to|in order to|before) "
    r"(?:view|read|see|access|continue)",
    r"\b(?:bitte )?melden sie sich an, um\b",
    r"\b(?:connectez-vous|identifiez-vous) pour (?:lire|accéder|continuer)",
)

# How publishers and the sellers of walls name the elements; classes such as "paywall" alone may hold the whole article.
WALL_MARK = re.compile(
    r"(?<![a-z])(?:pay-?wall|reg(?:istration)?-?wall|meter(?:ed)?-?wall|login-?wall|subscriber-?(?:only|wall|gate)"
    r"|subscribers-only|subscription-?(?:wall|gate|required|prompt)|premium-?(?:wall|gate|paywall)|content-?gate"
    r"|article-?gate|tp-(?:modal|container|backdrop)|piano-?(?:container|inline|offer|paywall)|leaky-?paywall"
    r"|poool-\w+|zephr-\w+|wall-cta)",
    re.IGNORECASE,
)
SUBSCRIBING = _any(
    r"subscri(?:be|ption|ber)",
    r"\b(?:log|sign) ?in\b",
    r"\babo\b|abonn|anmelden|registrier",
    r"suscr[ií]|abbona|assin(?:e|ante)|prenumer|subskry",
)

# Consent dialogues; a page whose text has two of them and little else is one.
CONSENT = _any(
    # English
    r"\bwe and our (?:\d+ )?(?:\w+ )?partners\b",
    r"\bbefore you continue to\b",
    r"\b(?:accept|reject|agree to) all(?: cookies)?\b",
    r"\b(?:manage|more) (?:options|preferences|settings)\b",
    r"\blegitimate interests?\b",
    r"\bwe use cookies\b",
    r"\bstore and/or access information\b",
    r"\bwithdraw (?:your )?consent\b",
    # German, French, Spanish, Italian, Portuguese, Dutch, Polish
    r"\bwir und unsere (?:\d+ )?partner\b|\balle (?:akzeptieren|ablehnen)\b|\bberechtigtes interesse\b"
    r"|\bmit werbung (?:weiterlesen|und tracking)|\bcookies zustimmen\b",
    r"\bnous et nos (?:\d+ )?partenaires\b|\btout (?:accepter|refuser)\b|\bcontinuer sans accepter\b",
    r"\bnosotros y nuestros (?:\d+ )?socios\b|\b(?:aceptar|rechazar) tod[oa]s?\b",
    r"\bnoi e i nostri (?:\d+ )?partner\b|\b(?:accetta|rifiuta) tutt[oi]\b",
    r"\bnós e (?:os )?nossos (?:\d+ )?parceiros\b|\b(?:aceitar|rejeitar) tudo\b",
    r"\bwij en onze (?:\d+ )?partners\b|\balles (?:accepteren|weigeren)\b",
    r"\bmy i nasi (?:\d+ )?partnerzy\b|\bakceptuj(?:ę)? wszystk",
)

# Checks that a browser is used by a person; said by the sellers of such checks, hardly in news.
BOT_CHECK = _any(
    r"\bare you a robot\?",
    r"\b(?:verify|confirm|prove) (?:that )?you(?:'re|’re| are) (?:not a (?:ro)?bot|(?:a )?human)",
    r"\bverifying (?:that )?you are human\b",
    r"\bunusual (?:activity|traffic) (?:from|coming from) your\b",
    r"\bchecking (?:if the site connection is secure|your browser before)\b",
    r"\bplease enable cookies and reload\b|\benable javascript and cookies to continue\b",
    r"\bpardon our interruption\b",
    r"\byou have been blocked\b.{0,200}?\b(?:security|cloudflare|ray id)\b|\bddos protection by\b",
    r"\baccess to this page has been denied\b",
    r"\bcomplete the (?:captcha|security check)\b",
    r"\b(?:ich bin kein roboter|je ne suis pas un robot|no soy un robot|non sono un robot)\b",
)

NEEDS_SCRIPTS = _any(
    r"\b(?:enable|turn on|activate|requires?|without) javascript\b",
    r"\bjavascript (?:is|must be|to be) (?:\w+ )?(?:disabled|enabled|required|turned off)\b",
    r"\bjavascript (?:aktivieren|muss aktiviert)|\bactiver javascript\b",
    r"\bhabilit[ae]r? javascript\b|\babilit[ai]\w* javascript\b",
)

# The whole of one part of a title, such as the first in "Page not found | The Post".
NOT_FOUND_TITLE = _any(
    r"(?:error )?40[34](?: ?[:,–-].{0,40}| error|(?: page)? not found)?",
    r"(?:sorry[,!]? )?(?:the )?(?:page|article|story|content) "
    r"(?:not found|(?:is )?no longer available|does(?: not|n't) exist|unavailable)",
    r"not found",
    r"(?:die )?seite (?:wurde )?nicht gefunden|page (?:introuvable|non trouvée)|página no encontrada",
    r"pagina non trovata|página não encontrada|pagina niet gevonden|nie znaleziono strony",
    r"sidan (?:hittades inte|kunde inte hittas)",
)
BOT_CHECK_TITLE = _any(
    r"access denied|just a moment\.{0,3}|attention required!?|are you a robot\?|robot check|human verification"
)
