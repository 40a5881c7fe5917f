"""Vector indexes and embedding stores: what retrieval (RAG) takes."""

import math
from collections.abc import Callable, Mapping

from workstation.errors import SizingError
from workstation.sizing._inputs import count, one_of
from workstation.sizing._ranges import figure, ranged
from workstation.sizing.model import Estimate, Term, combine, exactly, make_estimate, ranging

ELEMENT_BYTES: Mapping[str, float] = {"float32": 4, "float16": 2, "int8": 1, "binary": 1 / 8}
INDEXES = ("flat", "hnsw", "ivf-flat", "ivf-pq")
ID_BYTES, LINK_BYTES, CENTROID_BYTES = 8, 4, 4
MOST_VECTORS, MOST_DIMENSIONS, MOST_LINKS = 10**11, 100_000, 512
MOST_TEXT_BYTES = 10**16


def vector_index_bytes(
    *,
    vectors: int,
    dimensions: int,
    index: str = "hnsw",
    dtype: str = "float32",
    links: int = 16,
    code_bytes: int = 64,
) -> Estimate:
    """Estimate a vector index, in memory and on disk alike.

    The vectors take ``n x dimensions x bytes of an element``. ``flat`` has nothing else. ``hnsw`` adds ``n x links x 2
    x 4 B`` of neighbours on its lowest layer, a little above it (``1 / (links - 1)`` of that) and ``n x 8 B`` of ids.
    ``ivf-flat`` adds ids and about ``sqrt(n)`` to ``16 sqrt(n)`` centroids. ``ivf-pq`` keeps codes of *code_bytes*
    instead of vectors. A million vectors of 768 in float32: 2.9 GiB flat.
    Source: the memory tables of the faiss wiki ("Guidelines to choose an index"), hnswlib's ALGO_PARAMS.

    Raises:
        SizingError: a count or a word that is none.
    """
    several = count("vectors", vectors, most=MOST_VECTORS)
    width = count("dimensions", dimensions, most=MOST_DIMENSIONS)
    kind, kept_as = one_of("index", index, INDEXES), one_of("dtype", dtype, tuple(ELEMENT_BYTES))
    neighbours = count("links", links, least=2, most=MOST_LINKS)
    code = count("code_bytes", code_bytes, most=MOST_DIMENSIONS)
    raw = several * width * ELEMENT_BYTES[kept_as]
    vectors_term = (
        exactly("codes", several * code, f"{several:,} x {code} B")
        if kind == "ivf-pq"
        else exactly("vectors", raw, f"{several:,} x {width:,} x {ELEMENT_BYTES[kept_as]:g} B")
    )
    terms = [vectors_term, *_EXTRA[kind](several, width, neighbours)]
    words = [f"{kind} in {kept_as}"]
    if kind == "ivf-pq":
        words.append(f"the vectors themselves, {math.ceil(raw):,} bytes, are needed on disk only, to rank again")
    return make_estimate("vector index", terms, words, "formula")


def embedding_store_bytes(
    *,
    text_bytes: int,
    dimensions: int = 768,
    chunk_tokens: int = 256,
    overlap_tokens: int = 32,
    index: str = "hnsw",
    dtype: str = "float32",
    metadata_bytes_per_chunk: int = 300,
) -> Estimate:
    """Estimate all that a retrieval store of *text_bytes* of text takes: chunks, their texts and the index.

    ``chunks = text / (characters of a token x (chunk - overlap))``; each keeps its text and metadata, with what the
    store's database adds. Source: `vector_index_bytes` and the ranges of the catalogue's `sizing.toml`.

    Raises:
        SizingError: a count that is none, or an overlap as long as the chunk.
    """
    text = count("text_bytes", text_bytes, most=MOST_TEXT_BYTES)
    length = count("chunk_tokens", chunk_tokens, most=1_000_000)
    overlap = count("overlap_tokens", overlap_tokens, least=0, most=1_000_000)
    if overlap >= length:
        raise SizingError(f"overlap_tokens ({overlap}) must be less than chunk_tokens ({length}): no chunk would end.")
    letters = figure("characters-per-token")
    low, likely, high = (
        _index_of(math.ceil(text / (each * (length - overlap))), dimensions, index, dtype)
        for each in (letters.high, letters.likely, letters.low)
    )
    chunks = math.ceil(text / (letters.likely * (length - overlap)))
    meta = chunks * count("metadata_bytes_per_chunk", metadata_bytes_per_chunk, least=0, most=10**7)
    copies = text * length / (length - overlap)
    terms = [
        ranging("index", low.low_bytes, likely.likely_bytes, high.high_bytes, f"about {chunks:,} chunks, as {index}"),
        ranged("texts and metadata", "record-overhead", copies + meta, "chunks with their overlap and metadata"),
    ]
    words = [f"chunks of {length} tokens that overlap by {overlap}; {letters.low:g} to {letters.high:g} bytes a token"]
    return combine("embedding store", make_estimate("store", terms, [*words, *likely.assumptions], "formula"))


def _index_of(chunks: int, dimensions: int, index: str, dtype: str) -> Estimate:
    return vector_index_bytes(vectors=chunks, dimensions=dimensions, index=index, dtype=dtype)


def _hnsw(several: int, _width: int, neighbours: int) -> list[Term]:
    lowest = several * neighbours * 2 * LINK_BYTES
    return [
        exactly("graph", lowest, f"{several:,} x {neighbours} x 2 x {LINK_BYTES} B"),
        ranging("upper layers", 0, lowest / (neighbours - 1) / 2, lowest / (neighbours - 1), "a share of the graph"),
        exactly("ids", several * ID_BYTES, f"{several:,} x {ID_BYTES} B"),
    ]


def _inverted(several: int, width: int, _neighbours: int) -> list[Term]:
    root = math.isqrt(several) + 1
    each = width * CENTROID_BYTES
    return [
        exactly("ids", several * ID_BYTES, f"{several:,} x {ID_BYTES} B"),
        ranging("centroids", root * each, 4 * root * each, 16 * root * each, "1 to 16 times sqrt(n) of them"),
    ]


def _flat(_several: int, _width: int, _neighbours: int) -> list[Term]:
    return []


_EXTRA: Mapping[str, Callable[[int, int, int], list[Term]]] = {
    "flat": _flat,
    "hnsw": _hnsw,
    "ivf-flat": _inverted,
    "ivf-pq": _inverted,
}
