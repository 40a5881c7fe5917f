"""Whole classes of answers: nonsense, other languages, lost labels, and what a learner is told about them.

Past 300 lines: one class of fault stands beside the next, so that a new one finds its neighbours.
"""

import json
import re
from pathlib import Path

import pytest

from workstation.answers.criteria import constraints, families, fit
from workstation.answers.criteria.language import is_unread_language, says_nothing
from workstation.answers.criteria.quantities import used_shares
from workstation.answers.evidence import evidence_from_documents
from workstation.answers.model import Evidence
from workstation.answers.score import exercise_of, score
from workstation.catalog import load_catalog

EXERCISE = "constraint-summary"
ANSWERS = Path(__file__).parent / "answers"
DEVELOPED_ON = ("constraint-summary.jsonl", "own.jsonl", "later-dev.jsonl", "unseen-2.jsonl")
LINES = [
    json.loads(line) for name in DEVELOPED_ON for line in (ANSWERS / name).read_text(encoding="utf-8").splitlines()
]
GOOD = LINES[0]
IN_ANOTHER_LANGUAGE = {"u2-58"}  # flawed, and Ukrainian throughout
EVIDENCE = evidence_from_documents(GOOD["inventory"])
LABELS = [field.label for form in exercise_of(EXERCISE).answers for field in form.fields if form.id == EXERCISE]
DID_NOT = ("workload.before-hardware", "summary.no-verdict", "summary.matches-inventory")
NONSENSE = [
    "asdf",
    "asdf jkl; qwer",
    "qwertz uiop asdfgh",
    "ASDF ASDF ASDF",
    "lorem ipsum dolor sit amet, consectetur adipiscing elit",
    "hahaha",
    "aaaaaaaa bbbbbb",
    "xkcd fjdk slal wrtpl",
    "test test",
    "bla bla bla bla",
    "123 456",
    "🙂",
    "🙂🙂 !!! ???",
    "&nbsp;&nbsp;<div></div>",
]
FOREIGN = [
    "Ich will vier Monate lang kleine Sprachmodelle zu Hause ausprobieren",
    "Quiero probar modelos pequeños en casa durante cuatro meses",
    "Pendant quatre mois je construis un assistant pour mes notes",
    "Jag vill köra modeller hemma i fyra månader",
    "Haluan käyttää paikallisia malleja kotona neljä kuukautta",
    "Chci čtyři měsíce zkoušet modely doma na svém počítači",
    "Saya ingin menjalankan model lokal di rumah selama empat bulan",
    "Vreau să rulez modele locale pe calculatorul meu patru luni",
    "SZERETNÉK NÉGY HÓNAPIG HELYI MODELLEKET FUTTATNI",
    "在接下来的四个月里我会用本地模型",
    "أريد تشغيل نماذج محلية في المنزل لمدة أربعة أشهر",
    "אני רוצה להריץ מודלים מקומיים בבית במשך ארבעה חודשים",
    "Четыре месяца я буду искать по своим документам",
]
ENGLISH = [
    "portabilty, obviously",
    "RAG",
    "nvme",
    "notebook exploration of bird-song",
    "RAM I'd say",
    "ffmpeg crashes",
    "i do RAG with my documents 4 month",
    "KEEP IT",
    "psu",
    "thermals: 83 C, clock 1875 -> 1620 MHz after 40 min",
]


def judged(answers, evidence=EVIDENCE):
    """Score answers; criteria by id."""
    return {criterion.id: criterion for criterion in score(EXERCISE, answers, evidence)}


def everywhere(text):
    """Write *text* into every field and the paragraph."""
    return {
        "workload": text,
        "archetype": f"Archetype: {text}\nBecause: {text}\nMatters most: {text}",
        EXERCISE: "\n".join(f"{label}: {text}" for label in LABELS),
    }


@pytest.mark.parametrize("text", NONSENSE)
def test_nonsense_says_nothing_and_earns_nothing(text):
    found = judged(everywhere(text))

    assert says_nothing(text)
    assert {found[name].outcome for name in DID_NOT} == {"not attempted"}
    assert not [name for name, c in found.items() if c.outcome == "met" and not name.startswith("evidence.")]


@pytest.mark.parametrize("text", ["AI", "laptop", "RAG", "stuff", "AI AI AI AI AI AI"])
def test_one_word_is_no_paragraph(text):
    """Whoever writes one word leaves parts out, and everything else."""
    assert judged({"workload": text})["workload.before-hardware"].outcome == "not attempted"


@pytest.mark.parametrize("text", FOREIGN)
def test_another_language_is_nobodys_fault_and_nobodys_merit(text):
    found = judged(everywhere(text))

    assert is_unread_language(text)
    assert not says_nothing(text)
    assert {found[name].outcome for name in DID_NOT} == {"needs review"}
    assert not [name for name, c in found.items() if c.outcome == "not met"]


@pytest.mark.parametrize("text", ENGLISH)
def test_terse_and_misspelt_english_is_english(text):
    assert not is_unread_language(text)
    assert not says_nothing(text)


@pytest.mark.parametrize("line", LINES, ids=lambda line: line["id"])
def test_a_sentence_of_a_labelled_answer_is_never_taken_for_nonsense_or_another_language(line):
    texts = [text for text in line["answers"].values() if len(text.split()) >= 12]

    if line["kind"] in {"good", "flawed"} and line["id"] not in IN_ANOTHER_LANGUAGE:
        assert not [text for text in texts if says_nothing(text) or is_unread_language(text)]


def test_a_foreign_field_among_english_ones_is_left_to_a_person():
    german = "Decision: behalten\nEvidence: der Speicher war voll und alles stand still"
    mixed = GOOD["answers"] | {EXERCISE: f"{GOOD['answers'][EXERCISE]}\n{german}"}
    found = judged(mixed)

    assert found["summary.decision"].outcome == "needs review"
    assert found["summary.measured"].outcome == "needs review"
    assert found["summary.first-bottleneck"].outcome == "met"


@pytest.mark.parametrize(
    "body",
    [
        "RAM\n14 of 15 GiB\nkeep it",
        "Aufgabe: RAG\nSystem: laptop\nNachweis: 14 of 15 GiB",
        "Evdnc 14 GiB of 15, swap 2 GiB",
    ],
)
def test_text_without_its_label_is_shown_to_a_person_and_to_the_learner(body):
    found = judged({EXERCISE: body})["summary.measured"]

    assert found.outcome == "needs review"
    assert "“Evidence”" in found.reason
    assert f"“{body.split()[0]}" in found.reason


def test_a_paragraph_without_labels_is_lost_for_no_criterion_of_its_answer():
    body = "RAG over notes: 14 of 15 GiB RAM were used, then storage. I keep the laptop and log free -h for two weeks."
    found = judged({EXERCISE: body})

    assert {c.outcome for name, c in found.items() if name.startswith("summary.")} == {"needs review"}
    assert found["archetype.known"].outcome == "not attempted"


@pytest.mark.parametrize("body", ["My summary\nWorkload: RAG", "asdf jkl qwer uiop\nWorkload: RAG"])
def test_a_heading_or_nonsense_outside_the_labels_is_no_answer_and_is_shown_with_the_labels(body):
    found = judged({EXERCISE: body})["summary.measured"]

    assert found.outcome == "not attempted"
    assert all(label in found.next_step for label in LABELS)


@pytest.mark.parametrize(
    ("label", "criterion"), [("Second", "summary.second-bottleneck"), ("First", "summary.first-bottleneck")]
)
def test_a_label_is_known_by_its_beginning(label, criterion):
    assert judged({EXERCISE: f"Workload: RAG\n{label}: storage"})[criterion].outcome == "met"


@pytest.mark.parametrize(
    ("archetype", "priority"),
    [
        ("Hybrid: a local machine paired with cloud bursts", "sustained load (it computes for an hour and more)"),
        ("laptop-first: one portable machine does nearly everything", "portability (it goes where its owner goes)"),
    ],
)
def test_an_entry_of_the_exercises_own_list_is_a_choice(archetype, priority):
    found = judged({"archetype": f"Archetype: {archetype}\nBecause: I carry it daily\nMatters most: {priority}"})

    assert (found["archetype.known"].outcome, found["archetype.priority"].outcome) == ("met", "met")


def test_a_line_behind_an_unknown_label_is_shown_where_its_field_is_blank():
    body = "Workload: RAG\nLikely first bottleneck: RAM\nNachweis: 14 of 15 GiB while indexing"
    found = judged({EXERCISE: body})

    assert "“Nachweis: 14 of 15 GiB while indexing”" in found["summary.measured"].reason
    assert found["summary.first-bottleneck"].outcome == "met"


def test_a_blank_field_alone_needs_no_word_on_labels():
    found = judged({EXERCISE: "Workload: RAG\nEvidence:"})["summary.measured"]

    assert (found.outcome, found.reason) == ("not attempted", "There is nothing here to judge yet.")


@pytest.mark.parametrize(
    ("product", "family"),
    [
        ("Copilot in the browser", "api-first"),
        ("ChatGPT", "api-first"),
        ("Claude", "api-first"),
        ("Cursor", "local-coding-assistant"),
        ("continue.dev with a local model", "local-coding-assistant"),
        ("something like Copilot on my own tower", "local-coding-assistant"),
        ("Ollama", "quantized-inference"),
        ("LM Studio", "quantized-inference"),
        ("llama.cpp", "quantized-inference"),
        ("Stable Diffusion", "quantized-inference"),
        ("ComfyUI", "quantized-inference"),
        ("Home Assistant", "always-on-services"),
        ("small notebooks", "notebook-exploration"),
        ("train a GPT from scratch", "large-training"),
    ],
)
def test_products_and_plain_words_stand_for_their_kind_of_work(product, family):
    assert family in families.families_in(product)


def test_a_notebook_may_be_a_computer_and_notebooks_are_not():
    assert families.named_families("I work on my notebook") == []
    assert families.named_families("I work in notebooks") == ["notebook-exploration"]


@pytest.mark.parametrize(
    ("words", "constraint"),
    [
        ("no GPU", "vram"),
        ("GPU", "vram"),
        ("my wallet", "operations"),
        ("my patience", "time"),
        ("waiting", "time"),
        ("disk speed", "storage"),
        ("internet", "network"),
        ("noise/fan", "thermals"),
    ],
)
def test_bare_words_name_the_constraint_that_they_stand_for(words, constraint):
    assert constraints.named(words).chosen == {constraint}


def test_speed_of_a_graphics_card_is_left_to_a_person():
    assert constraints.judge_first_bottleneck("the GPU is too slow").outcome == "needs review"


def test_a_comma_parts_two_resources():
    assert len(constraints.named("GPU, RAM, CPU").listed) == 3


@pytest.mark.parametrize(
    ("text", "used"),
    [
        ("80 GB free of 271 GB", [0.7]),
        ("free: 3 of 271 GB", [0.99]),
        ("14,2 of 15,4 GiB used", [0.92]),
        ("7.8/8 GB", [0.97]),
        ("12 % free", [0.88]),
        ("RAM at 96 %", [0.96]),
        ("16 GB of RAM", []),
        ("3 of 4 runs", []),
    ],
)
def test_shares_are_read_as_what_is_used(text, used):
    assert [round(share.used, 2) for share in used_shares(text)] == used


def test_plenty_is_no_evidence_of_a_shortage():
    roomy, short = "storage: 80 GB free of 271 GB", "storage: 3 GB free of 271 GB"

    assert fit.shown_by(roomy) == {}
    assert fit.shown_by(short) == {"storage": short}
    assert fit.judge_fit("storage", ("local speech with nothing else",), roomy).outcome != "met"


def test_the_reason_quotes_the_sentence_that_shows_the_bottleneck():
    evidence = "The editor was open all day and I drank tea. The network dropped 9 of 21 syncs."

    assert "“The network dropped 9 of 21 syncs" in fit.judge_fit("network", ("LoRA",), evidence).reason


def test_the_second_bottleneck_is_quoted_without_the_first():
    reason = constraints.judge_second_bottleneck("RAM and storage", "RAM").reason

    assert "“storage” names Storage" in reason
    assert "“RAM and storage”" not in reason


def _reasons():
    evidence = [evidence_from_documents(line["inventory"]) for line in LINES]
    yield from (c for line, seen in zip(LINES, evidence, strict=True) for c in score(EXERCISE, line["answers"], seen))
    for text in (*NONSENSE, *FOREIGN, "GPU", "keep or cloud"):
        yield from score(EXERCISE, everywhere(text), Evidence())


ALL = list(_reasons())


def test_whoever_is_left_to_a_person_is_told_so_and_asked_nothing():
    pending = [criterion for criterion in ALL if criterion.outcome == "needs review"]

    assert pending
    assert {criterion.next_step for criterion in pending} == {""}
    assert all("a person will look at it" in criterion.reason for criterion in pending)


def test_every_refusal_names_something_to_do():
    refused = [criterion for criterion in ALL if criterion.outcome in {"not met", "not attempted"}]

    assert [criterion.id for criterion in refused if not criterion.next_step or criterion.next_step.endswith("?")] == []


def test_a_learner_is_sent_to_no_table_and_reads_no_markup():
    """The exercise shows its kinds of work as a list, and cards show plain text."""
    told = {re.sub("“[^”]*”", "", text) for c in ALL for text in (c.reason, c.next_step)}
    hints = {hint for entry in load_catalog().exercises[EXERCISE].criteria for hint in entry.hints}

    assert [text for text in told | hints if "table" in text.split() or "`" in text] == []


def test_every_reason_is_one_sentence():
    plain = {re.sub("“[^”]*”", "…", criterion.reason) for criterion in ALL}

    assert [text for text in plain if not text.endswith(".") or re.search(r"[.!?] [A-Z]", text)] == []


@pytest.mark.parametrize("answer", ["none, nothing is short", "nothing yet", "there is no bottleneck"])
def test_where_nothing_hurts_the_next_step_asks_what_would_come_first(answer):
    verdict = constraints.judge_first_bottleneck(answer)

    assert verdict.outcome == "not met"
    assert "nothing is short" in verdict.reason
    assert "would come first" in verdict.next_step
    assert "would come first" not in constraints.judge_first_bottleneck("everything").next_step
