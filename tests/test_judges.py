"""The judges, sentence by sentence: what is right is never refused, what is wrong never passes, few need a person.

It is longer than 300 lines because every judge stands here with its cases, to be read beside the others.
"""

import json
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from workstation.answers.criteria import (
    actions,
    archetypes,
    choices,
    claims,
    constraints,
    families,
    files,
    fit,
    hardware,
    horizon,
    measurements,
    priorities,
    verdicts,
)
from workstation.answers.criteria.phrases import NameBook
from workstation.answers.criteria.quantities import has_count, has_figure, sizes
from workstation.answers.criteria.text import is_dismissed, is_negated, quote, read, stem
from workstation.answers.criteria.verdict import Verdict
from workstation.answers.criteria.words import word_list
from workstation.answers.evidence import evidence_from_documents

ANSWERS = Path(__file__).parent / "answers"
NAMES = ("sentences.toml", "fresh.toml", "paired.toml")
FILES = [tomllib.loads((ANSWERS / name).read_text(encoding="utf-8")) for name in NAMES]
SENTENCES = {
    judge: {
        label: [entry for file in FILES for entry in file.get(judge, {}).get(label, [])] for label in ("right", "wrong")
    }
    for judge in dict.fromkeys(judge for file in FILES for judge in file)
}
LINES = (ANSWERS / "constraint-summary.jsonl").read_text(encoding="utf-8").splitlines()
INVENTORIES = {line["id"]: line["inventory"] for line in map(json.loads, LINES)}
REVIEW_SHARE = 0.10  # of the sentences for one judge


def _claim(machine: str, text: str) -> Verdict:
    return claims.judge_claims((text,), evidence_from_documents(INVENTORIES[machine]).inventory)


JUDGES: dict[str, Callable[..., Verdict]] = {
    "horizon": horizon.judge_horizon,
    "family": families.judge_family,
    "hardware": hardware.judge_before_hardware,
    "archetype": archetypes.judge_archetype,
    "reason": lambda text: archetypes.judge_reason(text, "laptop"),
    "priority": priorities.judge_priority,
    "first": constraints.judge_first_bottleneck,
    "second": lambda first, second: constraints.judge_second_bottleneck(second, first),
    "measured": measurements.judge_measured,
    "decision": choices.judge_decision,
    "action": actions.judge_next_action,
    "verdict": lambda text: verdicts.judge_no_verdict((text,)),
    "claims": _claim,
    "fit": lambda bottleneck, workload, evidence: fit.judge_fit(bottleneck, (workload,), evidence),
}
CASES = [
    pytest.param(judge, label, entry, id=f"{judge}-{label}-{place}")
    for judge, labels in SENTENCES.items()
    for label, entries in labels.items()
    for place, entry in enumerate(entries)
]


def judge(name, entry):
    """Judge one entry of the sentences."""
    return JUDGES[name](*([entry] if isinstance(entry, str) else entry))


@pytest.mark.parametrize(("name", "label", "entry"), CASES)
def test_no_sentence_is_judged_the_wrong_way_round(name, label, entry):
    verdict = judge(name, entry)

    assert verdict.outcome != {"right": "not met", "wrong": "met"}[label], verdict.reason


@pytest.mark.parametrize("name", SENTENCES)
def test_few_sentences_need_a_person(name):
    verdicts_ = [judge(name, entry) for entries in SENTENCES[name].values() for entry in entries]

    assert sum(verdict.outcome == "needs review" for verdict in verdicts_) <= REVIEW_SHARE * len(verdicts_)


@pytest.mark.parametrize("name", ["horizon", "family", "hardware", "archetype", "priority", "first", "measured"])
def test_blank_text_is_not_attempted(name):
    assert judge(name, "").outcome == "not attempted"


@pytest.mark.parametrize(
    ("captured_at", "outcome"),
    [("2026-02-10T08:00:00Z", "met"), ("2026-05-20T08:00:00Z", "needs review"), (None, "met")],
)
def test_until_june_depends_on_when_it_was_written(captured_at, outcome):
    assert horizon.judge_horizon("API work until June.", captured_at=captured_at).outcome == outcome


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("RAG until March 2027", "met"),
        ("RAG until 2027-03-31", "met"),
        ("RAG until March 2024", "not met"),
        ("RAG until March 2036", "not met"),
        ("RAG until 2036-03-31", "not met"),
        ("seven months of RAG", "needs review"),
    ],
)
def test_a_year_in_a_date_counts_and_seven_months_are_for_a_person(text, outcome):
    assert horizon.judge_horizon(text, captured_at="2026-11-24T00:00:00Z").outcome == outcome


@pytest.mark.parametrize("text", ["Whisper on my own computer", "Stable Diffusion at home", "I sew rag dolls"])
def test_a_model_of_no_language_and_a_rag_of_cloth_are_for_a_person(text):
    assert families.judge_family(text).outcome == "needs review"


@pytest.mark.parametrize(
    "text", ["rag over my recipes", "RAG", "rag with bee keeping journals", "Whisper and a local LLM"]
)
def test_a_kind_of_work_in_few_words_is_met(text):
    assert families.judge_family(text).outcome == "met"


def test_a_reason_quotes_a_models_size_whole_and_no_words_twice():
    reason = families.judge_family("training a 70B model from scratch at home").reason

    assert "Large model training" in reason
    assert "“B model" not in reason
    assert "Quantized" not in reason


def test_a_reason_that_refuses_the_cloud_does_not_go_with_hybrid():
    refused = "I never rent anything and everything runs on my laptop"

    assert archetypes.judge_reason(refused, "hybrid").outcome == "needs review"
    assert archetypes.judge_reason("I work on the laptop and rent a GPU for big runs", "hybrid").outcome == "met"


@pytest.mark.parametrize(
    ("bottleneck", "workload", "evidence", "outcome"),
    [
        ("VRAM", "LoRA fine-tuning", "", "met"),
        ("storage", "quantized inference", "", "met"),
        ("power", "always-on services", "", "met"),
        ("network", "LoRA fine-tuning", "the 40 GB base model downloads at 2 MB/s and broke off 3 times", "met"),
        ("VRAM", "API-first tools", "14 of 15 GiB RAM used while Docker runs", "not met"),
        ("network", "LoRA fine-tuning", "CUDA out of memory in 4 of 4 runs", "not met"),
        ("RAM", "things I do", "", "needs review"),
        ("", "LoRA fine-tuning", "", "not attempted"),
        ("the whole thing", "LoRA fine-tuning", "", "needs review"),
    ],
)
def test_a_bottleneck_fits_the_work_or_the_evidence(bottleneck, workload, evidence, outcome):
    assert fit.judge_fit(bottleneck, (workload,), evidence).outcome == outcome


def test_a_bare_upgrade_decides_when_the_next_action_names_its_target():
    assert choices.judge_decision("upgrade", "order a RAM module").outcome == "met"
    assert choices.judge_decision("upgrade", "think about it").outcome == "needs review"


def test_an_action_beside_no_bottleneck_is_for_a_person():
    assert actions.judge_next_action("log RAM for a week", "everything", "", "keep").outcome == "needs review"


def test_buying_on_a_condition_is_not_buying_after_keep():
    action = "log swap for a month; if it passes 3 GiB, buy a RAM module"

    assert actions.judge_next_action(action, "RAM", "storage", "keep").outcome == "met"


def documents(**changes):
    """Make evidence from a good inventory with some facts changed, by dotted path."""
    document = json.loads(json.dumps(INVENTORIES["cs-01"]))
    for path, value in changes.items():
        *above, last = path.split("__")
        place = document
        for part in above:
            place = place[int(part)] if isinstance(place, list) else place[part]
        place[last] = value
    return evidence_from_documents(document)


@pytest.mark.parametrize("judge_file", [files.judge_resources, files.judge_unknowns, files.judge_gpu_tooling])
def test_a_captured_inventory_is_enough(judge_file):
    for document in INVENTORIES.values():
        evidence = evidence_from_documents(document)
        if evidence.inventory is not None and document != INVENTORIES["cs-30"]:
            assert judge_file(evidence).outcome == "met"


def test_zeros_written_by_hand_are_no_facts():
    evidence = evidence_from_documents(INVENTORIES["cs-30"])

    assert files.judge_resources(evidence).outcome == "not met"
    assert files.judge_project_disk(evidence).outcome == "not met"
    assert files.judge_unknowns(evidence).outcome == "not met"


def test_a_full_disk_is_a_fact():
    assert files.judge_project_disk(documents(storage__project__free_bytes=0)).outcome == "met"


def test_an_unknown_free_space_with_its_reason_is_for_a_person():
    told = [{"what": "storage.project.free_bytes", "why": "the quota is hidden", "how_to_find_out": "ask"}]

    silent = documents(storage__project__free_bytes=None)
    explained = documents(storage__project__free_bytes=None, unknowns=told)

    assert files.judge_project_disk(silent).outcome == "not met"
    assert files.judge_project_disk(explained).outcome == "needs review"


def test_an_empty_gpu_list_has_to_say_how_that_was_found_out():
    unexplained = documents(gpus=[], unknowns=[])
    told = [{"what": "gpus", "why": "no bus listing here", "how_to_find_out": "ask the host"}]

    assert files.judge_gpu_tooling(unexplained).outcome == "not met"
    assert files.judge_gpu_tooling(documents(gpus=[], unknowns=told)).outcome == "met"
    assert files.judge_resources(unexplained).outcome == "not met"


def test_missing_facts_without_a_reason_are_counted():
    silent = {"cpu__max_mhz": None, "cpu__model": None, "memory__available_bytes": None}

    assert files.judge_unknowns(documents(cpu__max_mhz=None)).outcome == "needs review"
    assert files.judge_unknowns(documents(**silent)).outcome == "not met"


def test_a_foreign_file_is_wrong_and_a_newer_one_is_for_a_person():
    foreign = evidence_from_documents({"schema": "hardware-report/0.3"})
    newer = evidence_from_documents({"schema": "workstation.inventory/2"})

    assert files.judge_inventory(foreign).outcome == "not met"
    assert files.judge_inventory(newer).outcome == "needs review"


@pytest.mark.parametrize(
    ("words", "same"),
    [("swapping", "swaps"), ("coding", "code"), ("caches", "caching"), ("quantised", "quantize"), ("sizes", "size")],
)
def test_forms_of_a_word_share_a_stem(words, same):
    assert stem(words) == stem(same)


def test_a_stem_keeps_words_apart_that_mean_other_things():
    assert stem("note") != stem("not")
    assert stem("us") != stem("use")


@pytest.mark.parametrize(
    ("text", "denied"),
    [
        ("not RAM", True),
        ("no swap and no RAM", True),
        ("neither CPU nor RAM", True),
        ("storage rather than RAM", True),
        ("not enough RAM", False),
        ("not storage, but RAM", False),
        ("it cannot be loaded into RAM", False),
        ("not only RAM", False),
    ],
)
def test_denial_reaches_as_far_as_its_clause(text, denied):
    found = read(text)
    place = next(place for place, token in enumerate(found.tokens) if token.word == "ram")

    assert is_negated(found, place) == denied


@pytest.mark.parametrize(
    ("text", "dismissed"),
    [
        ("RAM is fine", True),
        ("RAM was never the limit", True),
        ("RAM isn't a problem", True),
        ("RAM is not enough", False),
        ("RAM is full", False),
    ],
)
def test_what_follows_may_wave_a_resource_away(text, dismissed):
    assert is_dismissed(read(text), 0) == dismissed


def test_long_words_may_carry_one_typing_error():
    book = NameBook({"ram": ["memory"], "storage": ["storage"]}, forgiving=True)

    assert book.ids(read("memroy, then stroage")) == ["ram", "storage"]
    assert NameBook({"ram": ["memory"]}).ids(read("memroy")) == []


def test_quotes_are_short_and_end_at_a_word():
    assert len(quote("word " * 100)) < 100
    assert quote("two\n lines") == "“two lines”"


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("16 GB", 1),
        ("3,8 GiB of 4 GiB", 2),
        ("31Gi 9.4Gi", 2),
        ("8k context", 0),
        ("700M parameters", 0),
        ("90 MB/s", 0),
    ],
)
def test_sizes_are_told_from_rates_and_parameters(text, count):
    assert len(list(sizes(text))) == count


@pytest.mark.parametrize("text", ["96 %", "24 tokens/s", "83 C", "6.5 h", "1620 MHz", "100 Mbit/s", "2 GiB"])
def test_figures_with_units_are_found(text):
    assert has_figure(text)


@pytest.mark.parametrize("text", ["3 of 3", "twice", "x4", "four restarts", "five of twelve", "9 of 21 syncs"])
def test_counts_are_found(text):
    assert has_count(text)


@pytest.mark.parametrize("text", ["it is slow", "version B", "a lot", "RTX cards"])
def test_words_alone_are_no_figures(text):
    assert not has_figure(text)
    assert not has_count(text)


def test_words_without_connection_are_no_observation():
    """The same figures count once something relates them: a tool, a sign, a word."""
    heap = "8 GB 16 GB 100 % 95 C OOM swap throttle"

    assert measurements.is_soup(read(heap))
    assert not measurements.is_soup(read("RAM 15.1/16 GB, swap 3 GB @ 4k ctx"))
    assert measurements.judge_measured(heap).outcome == "not met"


def test_a_list_of_bottlenecks_fits_nothing():
    assert fit.judge_fit("RAM VRAM SSD CPU heat PSU", ("LoRA fine-tuning",), "").outcome == "not met"


@pytest.mark.parametrize(
    ("bottleneck", "constraint"),
    [
        ("the memory of the 3060", "vram"),
        ("the 3060's memory", "vram"),
        ("the 8 GB of my RTX", "vram"),
        ("the memory of my laptop", "ram"),
        ("the old i5", "cpu"),
    ],
)
def test_a_part_stands_for_the_resource_that_it_holds(bottleneck, constraint):
    assert constraints.named(bottleneck).chosen == {constraint}


def test_a_broken_driver_shows_the_environment():
    evidence = "since the driver update torch.cuda.is_available() is False in 3 of 4 kernels"

    assert fit.judge_fit("software environment", ("notebook exploration",), evidence).outcome == "met"


def test_a_list_of_parts_needs_its_owner():
    """What is planned is chosen, what is owned is free, and what the text does not say is for a person."""
    parts = "RTX 3060, 32 GB RAM, 1 TB SSD"

    assert hardware.judge_before_hardware(f"Plan: {parts}. RAG then.").outcome == "not met"
    assert hardware.judge_before_hardware(f"RAG. My tower: {parts}.").outcome == "met"
    assert hardware.judge_before_hardware(f"{parts}. RAG for four months.").outcome == "needs review"


@pytest.mark.parametrize(
    "words", ["Keep the laptop. Upgrade the RAM.", "upgrade RAM, no, keep", "cloud or upgrade RAM", "keep?? upgrade??"]
)
def test_two_decisions_are_none(words):
    """Contradictions are not resolved by the order they stand in."""
    assert choices.judge_decision(words).outcome != "met"


def test_claims_that_contradict_each_other_cannot_both_agree():
    assert _claim("cs-01", "My laptop has 16 GB of RAM. My laptop has 64 GB of RAM.").outcome == "not met"


def test_two_archetypes_or_horizons_are_left_to_a_person():
    assert archetypes.judge_archetype("home server and laptop-first").outcome != "met"
    assert horizon.judge_horizon("For two years, or for four months.").outcome == "needs review"


def test_a_verdict_is_found_beside_its_opposite():
    assert verdicts.judge_no_verdict(("The machine is fine.", "The machine is rubbish.")).outcome == "not met"


def test_an_unknown_word_list_is_an_error():
    with pytest.raises(KeyError):
        word_list("no-such-list")
