"""Estimates against published figures, and against each other."""

import pytest
from sizing_kit import report, rows, usable

from workstation.catalog._sizing import load_sizing_facts
from workstation.sizing import (
    Estimate,
    ModelShape,
    SizingError,
    adapter_parameters,
    checkpoint_bytes,
    combine,
    embedding_store_bytes,
    fits,
    known_models,
    kv_cache_bytes,
    overhead_bytes,
    shape,
    storage_by_month,
    storage_bytes,
    training_bytes,
    vector_index_bytes,
    weight_bytes,
)

GIB = 1024**3
LLAMA = {
    "parameters": 8_030_261_248,
    "layers": 32,
    "hidden_size": 4096,
    "attention_heads": 32,
    "kv_heads": 8,
    "head_dim": 128,
    "vocabulary": 128_256,
}


def everything() -> list[Estimate]:
    """One estimate of each kind, of shapes of each kind."""
    some = ["llama-3.1-8b", "gemma-2-9b", "mixtral-8x7b", "deepseek-v2-lite", "falcon-7b", "gpt-oss-20b", "phi-3-mini"]
    shapes = [*map(shape, some), ModelShape(parameters=7_000_000_000)]
    found = [weight_bytes(each, quantization=name) for each in shapes for name in load_sizing_facts().quantizations]
    found += [kv_cache_bytes(each, context_tokens=tokens) for each in shapes for tokens in (1, 8192, 131_072)]
    found += [overhead_bytes(each, flash_attention=fast) for each in shapes for fast in (True, False)]
    found += [
        training_bytes(each, method=way, batch_size=4, gradient_checkpointing=keep, flash_attention=keep)
        for each in shapes
        for way in ("full", "lora", "qlora")
        for keep in (True, False)
    ]
    found += [checkpoint_bytes(each, method=way, keep=3) for each in shapes for way in ("full", "lora", "weights")]
    found += [
        vector_index_bytes(vectors=10**6, dimensions=768, index=i) for i in ("flat", "hnsw", "ivf-flat", "ivf-pq")
    ]
    return [*found, embedding_store_bytes(text_bytes=10**9), storage_bytes(models=found[:3], containers=2)]


@pytest.mark.parametrize("row", usable(), ids=lambda row: row.id)
def test_published_figures_are_met(row):
    """Each row states its own tolerance, and the recipe where a training run has one."""
    assert row.is_met(), row.line()


def test_every_row_is_used_or_says_why_not():
    assert all(row.expected["note"] for row in rows() if row.expected["check"] == "unusable")
    assert len(usable()) >= 110
    assert len(report().splitlines()) == len(rows()) + 1
    assert "MISSED" not in report()


@pytest.mark.parametrize(
    ("name", "tokens", "settings", "expected"),
    [
        ("llama-2-7b", 4096, {}, 2 * GIB),
        ("llama-3.1-8b", 8192, {}, GIB),
        ("llama-3.1-8b", 8192, {"sequences": 4, "cache_type": "q8_0"}, 4 * GIB * 1.0625 / 2),
        ("llama-3.1-405b", 1, {}, 2 * 126 * 8 * 128 * 2),
        ("qwen1.5-32b", 1, {}, 262_144),
        ("mistral-small-24b", 1, {}, 2 * 40 * 8 * 128 * 2),
        ("deepseek-v3", 1, {}, 61 * 576 * 2),
    ],
)
def test_kv_cache_by_hand(name, tokens, settings, expected):
    """Grouped heads, head size apart from hidden / heads, quantised cache, latent attention."""
    assert kv_cache_bytes(shape(name), context_tokens=tokens, **settings).likely_bytes == expected


def test_sliding_layers_stop_growing_at_the_window():
    gemma = shape("gemma-3-27b")
    each = 2 * gemma.kv_heads * gemma.head_dim * 2
    found = kv_cache_bytes(gemma, context_tokens=32_768)

    assert found.likely_bytes == each * (10 * 32_768 + 52 * 1024)
    assert found.high_bytes == each * (10 * 32_768 + 52 * 1536), "llama.cpp adds a micro-batch to the window"
    short = kv_cache_bytes(gemma, context_tokens=512)
    assert short.low_bytes == short.high_bytes == each * 62 * 512


def test_a_shape_that_is_given_is_taken_at_its_word():
    """The library lends what decides how weights are stored, never a window that nobody mentioned."""
    bare = ModelShape(**{name: getattr(shape("gemma-2-9b"), name) for name in LLAMA})

    assert kv_cache_bytes(bare, context_tokens=8192).likely_bytes == 2 * 42 * 8 * 256 * 8192 * 2
    assert weight_bytes(bare).likely_bytes == weight_bytes(shape("gemma-2-9b")).likely_bytes


def test_terms_add_up_and_ends_are_ends():
    for estimate in everything():
        assert estimate.low_bytes == sum(term.low_bytes for term in estimate.terms), estimate.what
        assert estimate.likely_bytes == sum(term.likely_bytes for term in estimate.terms)
        assert estimate.high_bytes == sum(term.high_bytes for term in estimate.terms)
        assert 0 <= estimate.low_bytes <= estimate.likely_bytes <= estimate.high_bytes
        assert estimate.likely_bytes > 0
        assert all(type(term.likely_bytes) is int and term.formula for term in estimate.terms)


def test_training_bands_keep_their_promise():
    wide = [
        (model, way, batch)
        for model in known_models()
        for way in ("full", "lora", "qlora")
        for batch in (1, 32)
        if (found := training_bytes(shape(model), method=way, batch_size=batch)).high_bytes > 2.5 * found.low_bytes
    ]

    assert wide == []


@pytest.mark.parametrize(
    ("lower", "higher"),
    [
        ({"method": "qlora"}, {"method": "lora"}),
        ({"method": "lora"}, {"method": "full"}),
        ({"gradient_checkpointing": True}, {"gradient_checkpointing": False}),
        ({"flash_attention": True}, {"flash_attention": False}),
        ({"batch_size": 1}, {"batch_size": 2}),
        ({"sequence_length": 512}, {"sequence_length": 1024}),
        ({"lora_rank": 8}, {"lora_rank": 64}),
        ({"lora_targets": "qv"}, {"lora_targets": "all-linear"}),
        ({"method": "full", "optimizer": "adamw-8bit"}, {"method": "full", "optimizer": "adamw"}),
        ({"method": "full", "precision": "bf16"}, {"method": "full", "precision": "mixed"}),
        ({"precision": "bf16"}, {"precision": "fp32"}),
    ],
)
def test_a_leaner_recipe_takes_less(lower, higher):
    model = shape("llama-3.1-8b")

    assert training_bytes(model, **lower).likely_bytes < training_bytes(model, **higher).likely_bytes


def test_full_training_takes_sixteen_bytes_a_parameter():
    model = shape("llama-3.1-8b")
    for precision in ("fp32", "mixed"):
        found = training_bytes(model, method="full", precision=precision, batch_size=1, sequence_length=1)
        states = [
            each for each in found.terms if each.name in {"weights", "gradients", "32-bit weights", "optimizer states"}
        ]
        assert sum(each.likely_bytes for each in states) == 16 * model.parameters


def test_adapters_are_counted_as_litgpt_prints_them():
    assert adapter_parameters(shape("llama-2-7b"), rank=8, targets="qv") == 4_194_304
    assert adapter_parameters(shape("phi-1.5"), rank=8, targets="qv") == 1_572_864


def test_checkpoints_grow_with_how_many_are_kept():
    neox = shape("gpt-neox-20b")
    one, three = (checkpoint_bytes(neox, method="full", keep=keep) for keep in (1, 3))

    assert one.likely_bytes == pytest.approx(268 * GIB, rel=0.005)
    assert checkpoint_bytes(neox, method="weights").likely_bytes == pytest.approx(39 * GIB, rel=0.02)
    assert three.likely_bytes == 3 * one.likely_bytes
    assert one.high_bytes == 2 * one.likely_bytes, "one more is being written"
    assert checkpoint_bytes(neox, method="lora").likely_bytes < 0.01 * one.likely_bytes


def test_tiers_say_what_a_figure_rests_on():
    known, count = shape("llama-3.1-8b"), ModelShape(parameters=8_000_000_000)

    assert weight_bytes(known).tier == kv_cache_bytes(known).tier == training_bytes(known).tier == "formula"
    assert weight_bytes(count).tier == kv_cache_bytes(count).tier == training_bytes(count).tier == "band"
    assert combine("both", weight_bytes(known), kv_cache_bytes(count)).tier == "band"
    assert any("taken to be as wide as" in words for words in kv_cache_bytes(count).assumptions)


def test_a_band_holds_the_model_that_it_stands_for():
    for name in ("llama-3.1-8b", "qwen2.5-7b", "mistral-small-24b", "llama-3.1-70b", "gemma-2-2b", "command-r-v01"):
        count = ModelShape(parameters=shape(name).parameters)
        for sized in (weight_bytes, kv_cache_bytes):
            band, known = sized(count), sized(shape(name))
            assert band.low_bytes <= known.likely_bytes <= band.high_bytes, (name, band.what)


def test_vector_indexes_by_hand():
    flat = vector_index_bytes(vectors=1_000_000, dimensions=768, index="flat")
    graph = vector_index_bytes(vectors=1_000_000, dimensions=768, index="hnsw", links=32)

    assert flat.likely_bytes == 1_000_000 * 768 * 4
    assert graph.term("graph").likely_bytes == 1_000_000 * 32 * 2 * 4
    assert vector_index_bytes(vectors=1000, dimensions=8, index="flat", dtype="binary").likely_bytes == 1000
    packed = vector_index_bytes(vectors=1_000_000, dimensions=768, index="ivf-pq")
    assert packed.likely_bytes < flat.likely_bytes / 20


def test_an_embedding_store_has_a_chunk_for_each_stride():
    store = embedding_store_bytes(
        text_bytes=4_000_000, chunk_tokens=250, overlap_tokens=0, index="flat", dimensions=100
    )

    assert store.term("index").likely_bytes == 4_000 * 100 * 4
    assert store.low_bytes < store.likely_bytes < store.high_bytes


def test_storage_grows_by_the_month():
    file = weight_bytes(shape("llama-3.1-8b"))
    months = storage_by_month(
        months=6, models=[file], new_models_per_month=1, environments=2, new_environments_per_month=1
    )

    assert len(months) == 7
    assert months[6].term("models").likely_bytes == 7 * file.likely_bytes
    assert [each.likely_bytes for each in months] == sorted(each.likely_bytes for each in months)
    assert months[0].term("environments").likely_bytes * 4 == months[6].term("environments").likely_bytes
    runs = storage_bytes(checkpoints=[10**9], training_runs_per_month=2, months=3)
    assert runs.term("checkpoints").likely_bytes == 6 * 10**9


def test_an_estimate_is_read_as_a_small_table():
    written = str(weight_bytes(shape("llama-3.1-8b")))

    assert written.startswith("weights: 4.6 GiB (4.5 GiB to 4.7 GiB)\n")
    assert "How sure: worked out from known numbers (formula)." in written
    assert "output head" in written
    with pytest.raises(SizingError, match="Terms: token embedding"):
        weight_bytes(shape("llama-3.1-8b")).term("nothing")


def test_the_signatures_of_the_design_hold():
    model = ModelShape(**LLAMA, ffn_size=None)

    assert weight_bytes(model, quantization="Q4_K_M").likely_bytes > 0
    assert kv_cache_bytes(model, context_tokens=8192, sequences=1, cache_type="f16").likely_bytes == GIB
    training_bytes(
        model, method="lora", batch_size=1, sequence_length=512, precision="bf16", optimizer="adamw",
        gradient_checkpointing=True, lora_rank=8, flash_attention=True,
    )  # fmt: skip
    checkpoint_bytes(model, method="full", keep=2)
    for name in ["F32", "F16", "BF16", "Q8_0", "Q6_K", "Q5_K_M", "Q5_0", "Q4_K_M", "Q4_0", "nf4", "int8"]:
        weight_bytes(model, quantization=name)
    with pytest.raises(TypeError):
        weight_bytes(model, "Q4_K_M")
    assert callable(fits)
