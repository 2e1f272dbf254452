"""Names of places and people that news writes in two ways too far apart, or both too common, to be told by spelling."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from retrieval.index.terms import stem

# A line for each name; single words that mean nothing else in English. Both spellings are in use, and an index often
# has both, so these are searched for together whichever of them it knows.
_SPELLINGS = """
kyiv kiev
kharkiv kharkov
odesa odessa
lviv lvov
luhansk lugansk
mykolaiv nikolayev
dnipro dnipropetrovsk
zaporizhzhia zaporozhye zaporizhia
chernobyl chornobyl
donbas donbass
belarus byelorussia
zelensky zelenskyy zelenskiy zelenskyi
beijing peking
nanjing nanking
mumbai bombay
kolkata calcutta
bengaluru bangalore
yangon rangoon
myanmar burma
eswatini swaziland
timbuktu tombouctou
nuuk godthab
astana nursultan
gaddafi qaddafi gadhafi khadafi kadhafi
benghazi bengasi
misrata misurata misratah
raqqa raqqah
hodeidah hudaydah hodeida
houthi huthi houthis
hezbollah hizbollah hizbullah hezbolla
daesh daish
koran quran
""".strip()


@lru_cache(maxsize=1)
def _groups() -> dict[str, frozenset[str]]:
    return dict(_read())


def other_names(stemmed: str) -> tuple[str, ...]:
    """List the stems of a listed name's other spellings, in order; none for a name that is not listed."""
    return tuple(sorted(_groups().get(stemmed, frozenset()) - {stemmed}))


def _read() -> Iterator[tuple[str, frozenset[str]]]:
    for line in _SPELLINGS.splitlines():
        group = frozenset(stem(word) for word in line.split())
        for one in group:
            yield one, group
