"""Ask commands for what files and NVIDIA's library left open about graphics processors: all of them at once."""

from typing import TYPE_CHECKING

from workstation.inventory._facts import Fact, reported
from workstation.inventory._lspci import LSPCI_COMMAND, parse_lspci
from workstation.inventory._nvidia import with_answers
from workstation.inventory._pci import Display
from workstation.inventory._read import Source
from workstation.inventory._rocm_smi import ROCM_COMMAND, RocmCard, parse_rocm

if TYPE_CHECKING:
    from workstation.inventory._gpu import Bus


def ask_commands(source: Source, bus: "Bus", *, unnamed: bool, mute: bool) -> "Bus":
    """Return *bus* with what commands knew: names where one is *unnamed*, AMD's memory where a card is *mute*."""
    rocm, lspci = [ROCM_COMMAND] if mute else [], [LSPCI_COMMAND] if unnamed else []
    answers = source.run_all([*bus.nvidia.commands, *rocm, *lspci])
    listed = parse_lspci(answers.get(LSPCI_COMMAND) or "")
    return bus._replace(
        names={bus_id: _or_listed(name, listed.get(bus_id)) for bus_id, name in bus.names.items()},
        nvidia=with_answers(bus.nvidia, source, answers),
        rocm=_placed(parse_rocm(answers.get(ROCM_COMMAND) or ""), bus.displays),
        rocm_problem=source.problem(" ".join(ROCM_COMMAND)) if mute else None,
    )


def _placed(cards: tuple[RocmCard, ...], displays: tuple[Display, ...]) -> dict[str, RocmCard]:
    """Match cards with devices by bus id; without one, only a single card with a single device."""
    amd = [display.bus_id for display in displays if display.vendor == "amd"]
    if len(cards) == len(amd) == 1 and cards[0].bus_id is None:
        return {amd[0]: cards[0]}
    return {card.bus_id: card for card in cards if card.bus_id is not None}


def _or_listed(name: Fact[str], listed: str | None) -> Fact[str]:
    return reported(listed, "lspci") if name.value is None and listed else name
