"""Tell a denial of any bottleneck, "none, there won't be any", from a shortage that begins with no."""

from workstation.answers.criteria.quantities import has_figure
from workstation.answers.criteria.text import Text, Token, denies, read, stem
from workstation.answers.criteria.words import word_list, word_set

__all__ = ["denies_any"]

_DENIAL_TOKENS = 8  # in which "I don't think that there is any" has said no


def denies_any(answer: str) -> bool:
    """Tell "none, there won't be any" from a shortage: it begins by saying no, and shows no figure."""
    text = read(answer)
    opening = [token for token in text.tokens[:_DENIAL_TOKENS] if token.word not in word_set("denial_leads")]
    if not opening or not denies(opening[0].word) or has_figure(answer):
        return False
    said = {token.word for token in opening[1:]} | ({"none"} if _is_said_alone(text, opening[0]) else set())
    shortage = {token.stem for token in opening[1:3]} & set(map(stem, word_list("shortages")))
    denied = opening[0].word in {"none", "nothing"} or said & word_set("denial_objects")
    return bool(denied) and not shortage


def _is_said_alone(text: Text, token: Token) -> bool:
    return sum(other.sentence == token.sentence for other in text.tokens) == 1
