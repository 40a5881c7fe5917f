"""What training keeps of every token between the forward and the backward pass."""

from workstation.sizing._inputs import MOST_COUNT
from workstation.sizing._peers import standin
from workstation.sizing._ranges import figure, ranged
from workstation.sizing.model import ModelShape, Term, ranging

DROPOUT_MASK_BYTES = 1


def activation_terms(
    shape: ModelShape,
    *,
    batch_size: int,
    sequence_length: int,
    element_bytes: int,
    gradient_checkpointing: bool,
    flash_attention: bool,
    frozen: bool,
) -> tuple[list[Term], str]:
    """Return what is kept: activations, attention scores and logits, with the recipe in words.

    For each token and layer, b bytes each: the inputs of both norms and what comes out of them (4 x hidden); queries
    and keys before and after their rotation, values, and what attention gives (3 x heads x head_dim + 3 x kv_heads x
    head_dim); gate, up, their product and the activated gate (4 x ffn; 2 x ffn without a gate). For a GPT of 2020 that
    is 36 x hidden, where arXiv 2205.05198 counts 34. Without flash attention also the scores, heads x tokens^2 x
    (2b + 1) for each layer. With checkpointing one hidden vector a token and layer, and one layer whole.
    """
    like = shape if shape.is_complete else standin(shape)
    tokens = min(batch_size * sequence_length, MOST_COUNT)
    each = tokens * _per_token_and_layer(like) * element_bytes
    spread = "activations-frozen" if frozen else "activations"
    scores = 0 if flash_attention else _scores(like, batch_size, sequence_length, element_bytes)
    terms = (
        _checkpointed(like, tokens, each + scores, element_bytes, spread)
        if gradient_checkpointing
        else _kept(like, each, scores, spread)
    )
    loss = figure("loss-logits")
    logits = tokens * like.vocabulary if like.vocabulary else 0
    terms.append(
        ranging("logits", logits * loss.low, logits * loss.likely, logits * loss.high, "tokens x vocabulary x 8 B")
    )
    if not shape.is_complete:
        terms = [each.scaled(low=0.5, high=1.5) for each in terms]  # a stand-in's width and depth are not the model's
    words = "with" if gradient_checkpointing else "without"
    return terms, f"{words} gradient checkpointing, {'with' if flash_attention else 'without'} flash attention"


def _per_token_and_layer(like: object) -> int:
    width, heads = _number(like, "hidden_size"), _number(like, "attention_heads") * _number(like, "head_dim")
    kv = _number(like, "kv_heads") * _number(like, "head_dim")
    gated = getattr(like, "gated_ffn", None) is not False
    inner = _number(like, "ffn_size") or round((8 / 3 if gated else 4) * width)
    if _number(like, "experts"):
        used = _number(like, "experts_used") or 1
        inner = (_number(like, "expert_ffn_size") or inner) * used + _number(like, "shared_ffn_size")
    return 4 * width + 3 * heads + 3 * kv + (4 if gated else 2) * inner


def _number(like: object, name: str) -> int:
    return getattr(like, name, None) or 0


def _scores(like: object, batch_size: int, sequence_length: int, element_bytes: int) -> int:
    return batch_size * _number(like, "attention_heads") * sequence_length**2 * (2 * element_bytes + DROPOUT_MASK_BYTES)


def _kept(like: object, each: int, scores: int, spread: str) -> list[Term]:
    layers = _number(like, "layers")
    return [
        ranged("activations", spread, layers * each, f"{layers} layers, all of them kept"),
        ranged("attention scores", "activations", layers * scores, "heads x tokens x tokens, in every layer"),
    ]


def _checkpointed(like: object, tokens: int, whole: int, element_bytes: int, spread: str) -> list[Term]:
    layers, width = _number(like, "layers"), _number(like, "hidden_size")
    return [
        ranged("checkpoints", "activations", tokens * layers * width * element_bytes, "one hidden vector a layer"),
        ranged("one layer at a time", spread, whole, "what is worked out again in the backward pass"),
    ]
