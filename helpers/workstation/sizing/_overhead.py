"""What a runtime takes besides weights and cache: always a range, never one number."""

from workstation.sizing._inputs import count, tokens
from workstation.sizing._peers import standin
from workstation.sizing._ranges import figure, ranged
from workstation.sizing.model import Estimate, ModelShape, Term, make_estimate, ranging

MICRO_BATCH = 512
FLOAT_BYTES = 4


def overhead_bytes(
    shape: ModelShape,
    *,
    context_tokens: int = 8192,
    micro_batch: int = MICRO_BATCH,
    flash_attention: bool = True,
    gpu: bool = True,
) -> Estimate:
    """Estimate what a runtime takes besides weights and KV cache: its context and its compute buffer.

    The buffer holds a micro-batch between two layers, ``micro_batch x 4 B x (2 x ffn + 4 x hidden) + context x
    micro_batch x 4 B``; without flash attention also ``heads x context x micro_batch x 4 B`` of scores; at most also a
    micro-batch of logits. Source: the compute buffers that gguf-parser-go's sweep measured, within their range.
    """
    held, batch = tokens("context_tokens", context_tokens), count("micro_batch", micro_batch, most=1_000_000)
    batch = min(batch, held)
    own = "gpu-context" if gpu else "process"
    runtime = figure(own)
    terms = [
        ranging("runtime", runtime.low, runtime.likely, runtime.high, "what the runtime itself holds, measured"),
        *_buffers(shape, held, batch, flash_attention=flash_attention),
    ]
    words = [f"a micro-batch of {batch:,} tokens, {'with' if flash_attention else 'without'} flash attention"]
    if shape.experts:
        words.append("experts that are partly kept in main memory make the buffer 2 to 5 times larger")
    return make_estimate("runtime overhead", terms, words, "formula" if shape.is_complete else "band")


def _buffers(shape: ModelShape, held: int, batch: int, *, flash_attention: bool) -> list[Term]:
    like = shape if shape.is_complete else standin(shape)
    width, words = like.hidden_size or 0, like.vocabulary or 0
    inner = like.ffn_size or 4 * width
    between = batch * FLOAT_BYTES * (2 * inner + 4 * width) + held * batch * FLOAT_BYTES
    buffer = ranged("compute buffer", "compute-buffer", between, "a micro-batch between two layers")
    logits = batch * words * FLOAT_BYTES
    terms = [buffer, ranging("logits of a micro-batch", 0, 0, logits, "micro-batch x vocabulary x 4 B, in some builds")]
    if not flash_attention:
        scores = (like.attention_heads or 0) * held * batch * FLOAT_BYTES
        formula = "heads x context x micro-batch x 4 B"
        terms.append(ranging("attention scores", scores * 0.5, scores, scores * 1.2, formula))
    return terms
