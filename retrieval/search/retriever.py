"""Retrieving: a query becomes hits, by dense and keyword search side by side on the worker, fused."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from retrieval.archive.archive import Archive
from retrieval.archive.scopes import places_of
from retrieval.articles import Article, CopyOf
from retrieval.index.dense import DenseIndex
from retrieval.index.embedding import Embedder, Vectors
from retrieval.index.keyword_tables import ScoredPassage
from retrieval.index.ledger import Admission, Ledger, PassageRow
from retrieval.index.lexical import LexicalIndex
from retrieval.index.sentences import Annotator, SentenceStore
from retrieval.index.terms import content_words, terms
from retrieval.index.terms import words as split_words
from retrieval.passages import Findings, Hit, IndexSize, Passage, Query, stems_by_term
from retrieval.search.fusion import fuse
from retrieval.search.nearest import NearestSearch
from retrieval.search.rerank import Reranker, rerank
from retrieval.search.respelling import Respeller, respelled
from retrieval.worker import Lane, Worker

log = logging.getLogger(__name__)

_MIDDLE_PASSAGES = 50
# Copies are looked up for this many hits; answers rest on the first ten.
_WITH_COPIES = 50


class Retriever:
    """Finds the passages nearest to a query. Uses what it is given and closes nothing; safe from any task."""

    def __init__(
        self,
        archive: Archive,
        ledger: Ledger,
        lexical: LexicalIndex,
        dense: DenseIndex,
        embedder: Embedder,
        annotator: Annotator,
        worker: Worker,
        *,
        dense_weight: float,
        lexical_weight: float,
        candidates: int,
        reranker: Reranker | None = None,
    ) -> None:
        """Wire the searches.

        Args:
            archive: read for the text of what is found.
            ledger: says which passages exist and are admitted.
            lexical: the keyword search.
            dense: the dense search.
            embedder: turns a query into a vector; the one that made the index.
            annotator: reads the sentences of a hit that is yet unread.
            worker: runs all of it.
            dense_weight: weight of the dense search in the fusion, >= 0.
            lexical_weight: weight of the keyword search, >= 0; only the ratio of the two counts, so not both are 0.
            candidates: passages taken from each search before fusing, >= 1.
            reranker: orders what both searches found anew; None leaves the order of the fusion.
        """
        self._archive = archive
        self._ledger = ledger
        self._lexical = lexical
        self._dense = dense
        self._embedder = embedder
        self._annotator = annotator
        self._sentences = SentenceStore()
        self._respeller = Respeller(archive, ledger, lexical)
        self._worker = worker
        if min(dense_weight, lexical_weight) < 0 or dense_weight + lexical_weight <= 0:
            raise ValueError(f"need weights >= 0, not both 0, got {dense_weight} and {lexical_weight}")
        self._dense_share = dense_weight / (dense_weight + lexical_weight)
        self._candidates = candidates
        self._nearest = NearestSearch(archive, ledger, dense, candidates=candidates)
        self._reranker = reranker

    async def retrieve(self, query: Query) -> Findings:
        """Find the best passages for a query.

        Returns:
            Up to `query.limit` hits, best first; only passages of current versions whose article the query admits.
            Nothing for an empty index or a query without words.

        Raises:
            QueueFull: too many questions are waiting.
            VectorStoreUnavailable, ArchiveUnreadable: the store failed.
        """
        asked = time.perf_counter()
        findings = await self._worker.run(Lane.QUESTION, self._retrieve, query, asked)
        log.info(
            "retrieve hits=%d %s",
            len(findings.hits),
            " ".join(f"{k}={v:.0f}ms" for k, v in findings.timings_ms.items()),
        )
        return findings

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """Embed short texts (the question, sentences) on the worker: shape (n, d), unit rows."""
        return await self._worker.run(Lane.QUESTION, self._embedder.embed_queries, texts)

    async def read(self, article_id: str, version: str) -> Article | None:
        """Read one stored version from the archive, or None if it is not there."""
        return await self._worker.run(Lane.QUESTION, self._archive.read, article_id, version)

    async def sources(self, scope: str | None = None) -> tuple[str, ...]:
        """List the publishers of the articles that a scope sees."""
        return await self._worker.run(Lane.QUESTION, self._archive.sources, scope)

    async def copies(
        self, article_ids: Sequence[str], known_by: datetime, scope: str | None = None
    ) -> Mapping[str, tuple[CopyOf, ...]]:
        """Name the copies of each of up to 500 articles that were published by then, see `Archive.copies`."""
        look_up = partial(self._archive.copies, article_ids, known_by=known_by, scope=scope)
        return await self._worker.run(Lane.QUESTION, look_up)

    async def size(self, scope: str | None = None) -> IndexSize:
        """Count what of the index a scope sees."""
        return await self._worker.run(Lane.QUESTION, self._archive.size, scope)

    async def warm(self) -> None:
        """Load now, as a piece of intake, what the first question would otherwise wait for."""
        await self._worker.run(Lane.INTAKE, self._warm)

    def _warm(self) -> None:
        content_words("The ferry sank.")  # loads the model that knows languages
        with self._archive.reading() as connection:
            self._lexical.warm(connection)

    def _retrieve(self, query: Query, asked: float) -> Findings:
        watch = _Stopwatch()
        watch.timings_ms["wait"] = 1000 * (time.perf_counter() - asked)
        size = self._archive.size(query.scope)
        admission = Admission.of(query).where_newest(size.newest_published_at)
        share = self._share(admission)
        words = content_words(query.text)
        spelled = respelled(query.text, query.variants or ())
        if words:
            # Both searches at once; mostly no word is misspelt, so the text is embedded as it stands meanwhile.
            with self._worker.beside(self._search_by_meaning, spelled, admission, share) as meaning:
                query, worded, weights = self._search_by_words(query, words, admission, share, watch)
                vector, near, timings_ms = meaning()
            if (instead := respelled(query.text, query.variants or ())) != spelled:
                vector, near, timings_ms = self._search_by_meaning(instead, admission, share)
            watch.timings_ms |= timings_ms
        else:
            query, worded, weights = self._search_by_words(query, words, admission, share, watch)
            vector, near = None, []
        absent = frozenset(term for term, weight in weights.items() if weight >= 1.0)
        weights = tempered(weights, size.passages)
        cosines = {one.id: one.score for one in near}
        if vector is not None:
            watch.restart()
            unseen = [one.id for one in worded if one.id not in cosines]
            compared = self._dense.search_among(vector, unseen, len(unseen), places_of(query.scope))
            cosines |= {one.id: one.score for one in compared}
            watch.mark("compare")
        dense_share = self._dense_share if query.dense_weight is None else query.dense_weight
        fused = fuse([(near, dense_share, -1.0), (worded, 1.0 - dense_share, 0.0)])
        reranks = self._reranker is not None and query.dense_weight is None
        hits = self._hits(fused if reranks else fused[: query.limit], admission, cosines)
        watch.mark("read")
        if self._reranker is not None and reranks:
            hits = rerank(self._reranker, query, weights, hits)[: query.limit]
            watch.mark("rerank")
        hits = self._with_sentences(hits, vector)
        watch.mark("sentences")
        copies = self._copies(query, hits)
        newest_known = self._archive.newest(known_by=query.known_by, scope=query.scope)
        watch.mark("copies")
        variants = query.variants or ()
        return Findings(tuple(hits), weights, size, watch.timings_ms, copies, variants, absent, newest_known)

    def _search_by_meaning(
        self, text: str, admission: Admission, share: float
    ) -> tuple[Vectors, list[ScoredPassage], dict[str, float]]:
        """Embed a query and search Chroma, beside the search by words; gives the time of both stages, too."""
        watch = _Stopwatch()
        vector = self._embedder.embed_queries([text])[0]
        watch.mark("embed")
        near = self._nearest.search(vector, admission, share)
        watch.mark("dense")
        return vector, near, watch.timings_ms

    def _search_by_words(
        self, query: Query, words: Sequence[str], admission: Admission, share: float, watch: _Stopwatch
    ) -> tuple[Query, list[ScoredPassage], dict[str, float]]:
        """Search by the words and their other spellings, which the query given back names, and weigh the words."""
        with self._archive.reading() as connection:
            if query.variants is None:
                query = replace(query, variants=self._respeller.find(connection, query.text, admission))
            watch.mark("spelling")
            variants = query.variants or ()
            spellings = [*words, *(word for one in variants for word in split_words(one.spelled))]
            total = self._archive.size(query.scope).passages
            worded = self._lexical.search(
                connection, spellings, admission=admission, limit=self._candidates, share=share, total=total
            )
            weights = self._lexical.term_weights(
                connection, terms(query.text), total=total, variants=stems_by_term(variants), scope=query.scope
            )
        watch.mark("lexical")
        return query, worded, weights

    def _share(self, admission: Admission) -> float:
        if not admission.is_limited:
            return 1.0
        with self._archive.reading() as connection:
            return self._ledger.share(connection, admission)

    def _hits(self, fused: list[ScoredPassage], admission: Admission, cosines: dict[str, float]) -> list[Hit]:
        with self._archive.reading() as connection:
            rows = self._ledger.admitted(connection, [one.id for one in fused], admission)
        stored = self._archive.read_many((row.article_id, row.version) for row in rows.values())
        hits: list[Hit] = []
        for one in fused:
            row = rows.get(one.id)
            if row is None:
                continue
            article = stored[row.article_id, row.version]
            hits.append(Hit(_passage(row, article), article, one.score, len(hits) + 1, cosines.get(one.id)))
        return hits

    def _copies(self, query: Query, hits: Sequence[Hit]) -> dict[str, tuple[CopyOf, ...]]:
        """Name the copies of the articles found that the query's scope sees, of those publishers that it admits."""
        ids = [hit.article.id for hit in hits][:_WITH_COPIES]
        admitted = {source.casefold() for source in query.sources}
        found = {}
        for article_id, copies in self._archive.copies(ids, known_by=query.known_by, scope=query.scope).items():
            kept = tuple(one for one in copies if not admitted or (one.source or "").casefold() in admitted)
            if kept:
                found[article_id] = kept
        return found

    def _with_sentences(self, hits: Sequence[Hit], vector: Vectors | None) -> list[Hit]:
        """Give each hit its sentences; those of a passage that is yet unread are read here."""
        with self._archive.reading() as connection:
            found = self._sentences.read(connection, [hit.passage.id for hit in hits])
        lacking = [hit for hit in hits if hit.passage.id not in found]
        made = self._annotator.annotate([(hit.passage.text, hit.article.language) for hit in lacking])
        found |= {hit.passage.id: notes for hit, notes in zip(lacking, made, strict=True)}
        return [replace(hit, sentences=found[hit.passage.id].against(vector, hit.passage.start)) for hit in hits]


class _Stopwatch:
    """Takes the time of stages that follow one another, in ms."""

    def __init__(self) -> None:
        self.timings_ms: dict[str, float] = {}
        self._begun = time.perf_counter()

    def restart(self) -> None:
        """Begin a stage now."""
        self._begun = time.perf_counter()

    def mark(self, stage: str) -> None:
        """End a stage; the next one begins."""
        now = time.perf_counter()
        self.timings_ms[stage] = 1000 * (now - self._begun)
        self._begun = now


def tempered(weights: Mapping[str, float], passages: int) -> dict[str, float]:
    """Draw term weights towards the middle, 0.5, while an index is too small to know which words are rare.

    Among six passages any ordinary verb that none of them uses would weigh as much as an unknown name. The middle
    counts as much as `_MIDDLE_PASSAGES` passages, so that it means nothing in an index of thousands.
    """
    share = passages / (passages + _MIDDLE_PASSAGES)
    return {term: share * weight + (1.0 - share) * 0.5 for term, weight in weights.items()}


def _passage(row: PassageRow, article: Article) -> Passage:
    return Passage(row.id, row.article_id, row.version, row.start, row.end, article.text[row.start : row.end])
