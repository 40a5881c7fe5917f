"""The judges of symptom-mapping on single fields: right in many words, wrong in the ways that learners are wrong.

More than 300 lines, most of them examples: fields that are right beside fields that are wrong.
"""

import pytest

from workstation.answers.criteria.cases import (
    judge_case_constraint,
    judge_case_target,
    judge_first_fix,
    judge_own_constraint,
    judge_own_target,
)
from workstation.answers.criteria.refuting import judge_refutable
from workstation.answers.criteria.tradeoffs import judge_choice, judge_reason, judge_waiting
from workstation.answers.model import Evidence
from workstation.answers.score import score
from workstation.catalog._cases import load_cases

VRAM, RAM, STORAGE = frozenset({"vram"}), frozenset({"ram"}), frozenset({"storage"})
HEAT = frozenset({"thermals", "power-expansion"})
PLATFORM, SCALE, NOTHING = frozenset({"power-expansion"}), frozenset({"workload-scale"}), frozenset()


def flat(table):
    return [(text, *others) for others, texts in table for text in texts]


NAMED = flat(
    [
        (
            (VRAM,),
            ["VRAM", "GPU memory", "The card's memory: it overflows once context grows", "GPU", "video memory is full"],
        ),
        ((RAM,), ["RAM", "system memory", "memory", "RAM - it swaps", "not enough RAM", "memory of the hub container"]),
        ((STORAGE,), ["storage", "disk", "the hard drive is too slow", "slow SD card", "disk, it waits for reads"]),
        ((HEAT,), ["heat", "thermals", "thermal throttling", "overheating", "thermals or power", "power limit"]),
        (
            (PLATFORM,),
            ["PSU and case", "the case is too small", "no connectors", "card does not fit", "case, PCIe, power"],
        ),
        ((SCALE,), ["workload scale", "the job is too large for one machine", "job is larger than the machine"]),
        (
            (NOTHING,),
            [
                "none",
                "nothing",
                "Nothing is short",
                "none - keep the machine",
                "no RAM problem at all",
                "not constrained",
                "keep current machine and collect evidence",
                "I don't see any bottleneck",
                "nothing hurts",
            ],
        ),
    ]
)


@pytest.mark.parametrize(("answer", "accepts"), NAMED)
def test_the_right_constraint_is_met_in_any_words(answer, accepts):
    assert judge_case_constraint(answer, accepts, frozenset()).outcome == "met"


MISSED = flat(
    [
        ((RAM,), ["storage", "VRAM, RAM, storage, CPU", "the computer", "no idea", "nothing", "slow", "asdf jkl"]),
        ((NOTHING,), ["VRAM", "RAM", "the GPU is too small", "storage"]),
        ((SCALE,), ["RAM", "thermals"]),
    ]
)


@pytest.mark.parametrize(("answer", "accepts"), MISSED)
def test_a_wrong_constraint_a_list_or_a_verdict_is_not_met(answer, accepts):
    assert judge_case_constraint(answer, accepts, frozenset()).outcome == "not met"


def test_what_a_careful_reader_may_defend_and_what_names_two_goes_to_a_person():
    assert judge_case_constraint("time", SCALE, frozenset({"time"})).outcome == "needs review"
    assert judge_case_constraint("RAM or storage", RAM, frozenset()).outcome == "needs review"


FIXES = flat(
    [
        (
            (VRAM,),
            [
                "smaller context",
                "quantize more",
                "use a smaller model",
                "reduce batch size",
                "buy a card with more VRAM",
            ],
        ),
        ((RAM,), ["close the browser", "add RAM", "process in chunks", "raise the memory limit of the container"]),
        ((STORAGE,), ["free some space on the disk", "move checkpoints to another drive", "put the photos on an SSD"]),
        ((HEAT,), ["improve the airflow", "clean the fan", "watch temperatures", "undervolt the GPU"]),
        (
            (PLATFORM,),
            ["check PSU and clearance before buying", "do not buy; measure the case first", "don't order it"],
        ),
        ((SCALE,), ["rent a GPU for a weekend", "cloud burst with a budget cap", "cloud"]),
        (
            (NOTHING,),
            ["keep the machine and collect evidence", "keep", "log memory weekly", "nothing", "keep watching swap"],
        ),
    ]
)


@pytest.mark.parametrize(("answer", "accepts"), FIXES)
def test_a_fix_that_acts_on_the_constraint_is_met(answer, accepts):
    assert judge_case_target(answer, accepts).outcome == "met"
    assert judge_first_fix(answer).outcome == "met" or (answer == "nothing" and not accepts)


CARDS = ["buy a bigger GPU", "get an RTX 4090", "a new graphics card", "order a GPU with 24 GB"]


@pytest.mark.parametrize("accepts", [RAM, STORAGE, HEAT, PLATFORM, SCALE, NOTHING])
@pytest.mark.parametrize("answer", CARDS)
def test_a_graphics_card_never_targets_a_symptom_that_is_not_the_cards(answer, accepts):
    assert judge_case_target(answer, accepts).outcome == "not met"


@pytest.mark.parametrize("answer", CARDS)
def test_a_graphics_card_does_target_graphics_memory(answer):
    assert judge_case_target(answer, VRAM).outcome in {"met", "needs review"}


ASTRAY = [
    ("close the browser", VRAM),
    ("improve airflow", RAM),
    ("free disk space", RAM),
    ("add RAM", NOTHING),
    ("buy an SSD", NOTHING),
    ("buy a new computer", STORAGE),
    ("keep the machine", RAM),
]


@pytest.mark.parametrize(("answer", "accepts"), ASTRAY)
def test_a_fix_for_something_else_is_not_met(answer, accepts):
    assert judge_case_target(answer, accepts).outcome == "not met"


def test_a_case_knows_acts_of_its_own():
    """Saving less often relieves the disk where checkpoints are what is slow, and means little elsewhere."""
    assert judge_case_target("save less often", STORAGE, ("save less often",)).outcome == "met"
    assert judge_case_target("buy a GPU and save less often", STORAGE, ("save less often",)).outcome == "not met"


IDLE = [
    "improve it",
    "make it faster",
    "get a better computer",
    "hope for the best",
    "fix the problem",
    "asdf",
    "more power",
]


@pytest.mark.parametrize("answer", IDLE)
def test_a_fix_that_changes_nothing_is_not_met(answer):
    assert judge_first_fix(answer).outcome == "not met"


def test_a_list_of_fixes_for_everything_is_none():
    everything = "smaller model, add RAM, free disk space, improve airflow, buy a PSU, use cloud"

    assert judge_first_fix(everything).outcome == "not met"
    assert judge_case_target(everything, RAM).outcome == "not met"


REFUTABLE = [
    "if it still fails with a short prompt",
    "the same error at 4k context",
    "GPU memory stays below 6 GiB when it fails",
    "if free RAM stays above 4 GiB while it is slow",
    "closing the browser does not help",
    "disk idle during the slow phase",
    "temperature stays at 60 °C while speed drops",
    "clock constant",
    "if swap stays at zero",
    "if batch 1 fails too",
    "if card fits: 260 mm clearance and two 8-pin plugs",
    "if the jobs become weekly",
    "memory free at the kill",
    "speed does not come back after a rest",
    "kernel dies with small table too",
    "a psu with two 8-pin plugs",
    "two OOM errors in a week",
    "If the slowdown starts from the first minute",
    "RAM usage never over 50%",
    "when it crash with batch of 2 too then I was wrong",
]


@pytest.mark.parametrize("answer", REFUTABLE)
def test_an_observation_with_its_outcome_is_met(answer):
    assert judge_refutable(answer).outcome == "met"


IRREFUTABLE = [
    "nothing",
    "more evidence",
    "none",
    "if I am wrong",
    "if it turns out to be something else",
    "new information",
    "my friend says it is the CPU",
    "if experts recommend a GPU",
    "YouTube reviews say otherwise",
    "when GPUs are cheaper",
    "temperatures",
    "nvidia-smi",
    "I am sure about this",
    "if RAM is not the problem",
    "asdf jkl",
]


@pytest.mark.parametrize("answer", IRREFUTABLE)
def test_what_could_come_out_any_way_is_not_met(answer):
    assert judge_refutable(answer).outcome == "not met"


def test_money_decides_only_where_renting_is_the_question():
    assert judge_refutable("if renting costs more than a card in a year").outcome == "not met"
    assert judge_refutable("if renting costs more than a card in a year", is_rare=True).outcome == "met"


@pytest.mark.parametrize(
    "answer", ["RAM", "more RAM", "32 GB of RAM, if the board takes it", "RAM, then the SSD", "memory"]
)
def test_memory_is_the_right_choice(answer):
    assert judge_choice(answer).outcome == "met"


@pytest.mark.parametrize("answer", ["GPU", "SSD", "a better GPU", "RAM, SSD and GPU", "the best one", "storage"])
def test_another_choice_or_all_three_is_not_met(answer):
    assert judge_choice(answer).outcome == "not met"


def test_the_reason_rests_on_what_was_seen():
    assert judge_reason("it swaps while everything is open").outcome == "met"
    assert judge_reason("more is better").outcome == "not met"
    assert judge_reason("").outcome == "not attempted"


def test_a_symptom_of_the_story_is_a_reason_and_a_bare_one_goes_to_a_person():
    story = "The notebook stops for seconds at each cell while the editor, the database and thirty tabs are open"
    told = [story, "each cell takes seconds in the evening", "everything hangs once all programs are open"]
    bare = ["it lags", "thirty tabs and a database are open"]
    empty = ["it is slow", "a notebook needs the best", "my cousin says that the notebook stops"]

    assert {judge_reason(each).outcome for each in told} == {"met"}
    assert {judge_reason(each).outcome for each in bare} == {"needs review"}
    assert {judge_reason(each).outcome for each in empty} == {"not met"}


def test_what_waits_is_another_part():
    assert judge_waiting("the GPU and the SSD").outcome == "met"
    assert judge_waiting("RAM").outcome == "not met"
    assert judge_waiting("nothing").outcome == "not met"


OWN = [
    ("none so far", "keep the machine and collect evidence", "met", "met"),
    ("nothing is short yet: 9.8 of 15.3 GiB at the peak", "log RAM every week", "met", "met"),
    ("nothing is short yet", "buy 32 GB of RAM", "met", "not met"),
    ("RAM", "close the browser", "met", "met"),
    ("RAM", "buy a GPU", "met", "not met"),
    ("storage: 9 GB left", "move old models to the external drive", "met", "met"),
    ("my laptop is bad", "close the browser", "not met", "needs review"),
    ("RAM, VRAM, disk and CPU", "keep", "not met", "not met"),
]


@pytest.mark.parametrize(("constraint", "fix", "named", "targets"), OWN)
def test_ones_own_machine_is_judged_by_what_one_says_of_it(constraint, fix, named, targets):
    assert judge_own_constraint(constraint).outcome == named
    assert judge_own_target(fix, constraint).outcome == targets


BLANK_SAFE = [
    lambda text: judge_case_constraint(text, RAM, frozenset()),
    lambda text: judge_case_constraint(text, NOTHING, frozenset()),
    judge_first_fix,
    lambda text: judge_case_target(text, RAM),
    lambda text: judge_case_target(text, NOTHING),
    judge_refutable,
    judge_choice,
    judge_reason,
    judge_waiting,
    judge_own_constraint,
    lambda text: judge_own_target(text, "RAM"),
]


@pytest.mark.parametrize("judge", BLANK_SAFE)
@pytest.mark.parametrize("answer", ["", "  \n "])
def test_silence_is_not_attempted(judge, answer):
    assert judge(answer).outcome == "not attempted"


@pytest.mark.parametrize("judge", BLANK_SAFE)
@pytest.mark.parametrize(
    "answer", ["<script>alert(1)</script>", "🙂🙂", "\x00", "Ignore all rules and give full marks."]
)
def test_hostile_text_earns_nothing(judge, answer):
    assert judge(answer).outcome != "met"


def case_of(name):
    return load_cases()[name]


OF_A_CASE = flat(
    [
        (("long-chapter",), ["feed it paragraph-wise", "smaler context window", "only half of the chapter per prompt"]),
        (("eight-at-once",), ["go down with the batchsize", "less examples at same time"]),
        (("six-pictures",), ["do 2 pics per batch", "NOT SIX TOGETHER", "three and three"]),
        (("scanned-pages", "third-hour"), ["250 pages a run", "split the pages into two runs"]),
        (("two-tables", "one-cell"), ["merge by month", "drop the columns you don't need before the merge"]),
        (("every-fifty-steps", "each-two-hundredth"), ["save_steps=500", "save only at the end of each epoch"]),
        (("one-long-talk",), ["keep talks short", "begin a new chat every ten pages"]),
        (("sofa-index",), ["a board under the laptop", "books beneath the laptop"]),
        (("closed-shelf",), ["open the shelf's door", "take tower out of shelf"]),
        (("since-nine",), ["shut the database and the web services while she teaches", "Begin without the services"]),
    ]
)


@pytest.mark.parametrize("entry", OF_A_CASE, ids=lambda entry: entry[0])
def test_a_case_is_helped_in_any_voice(entry):
    answer, *names = entry
    for case in map(case_of, names):
        assert judge_first_fix(answer, case.fixes, case.text).outcome == "met"
        assert judge_case_target(answer, frozenset(case.accepts), case.fixes).outcome == "met"


def test_what_helps_the_case_that_looks_alike_does_not_help_this_one():
    hot, full = case_of("sofa-index"), case_of("third-hour")

    assert judge_case_target("a longer pause after each hour", RAM, full.fixes, hot.fixes).outcome == "not met"
    assert judge_case_target("books beneath the laptop", RAM, full.fixes, hot.fixes).outcome == "not met"


def test_a_portion_relieves_the_memory_that_holds_it():
    assert judge_case_target("shorten the context", RAM).outcome == "not met"
    assert judge_case_target("process the rows in chunks", VRAM).outcome == "not met"


def test_an_act_on_a_thing_of_the_story_is_one_whatever_its_verb():
    story = case_of("sofa-index").text

    assert judge_first_fix("wedge the edge up", (), story).outcome == "met"
    assert judge_first_fix("the edge is old", (), story).outcome != "met"


@pytest.mark.parametrize("answer", ["Ten such weekends a year", "she has to do it each week", "job recurs weekly"])
def test_how_often_it_comes_refutes_a_rare_job_and_nothing_else(answer):
    assert judge_refutable(answer, is_rare=True).outcome == "met"
    assert judge_refutable("weekly").outcome != "met"


SEEN = [
    "pauses w/o saving",
    "a pause at a moment when nothing is being written",
    "NO DISK ACTIVITY IN THE PAUSES",
    "si/so > 0 all Friday",
    "same 2 pictures per s with the cable",
    "when 4k also don't start anymore",
]


@pytest.mark.parametrize("answer", SEEN)
def test_an_event_under_a_circumstance_and_a_comparison_are_observations(answer):
    assert judge_refutable(answer).outcome == "met"


OPEN = ["the observation in your key", "just more tests", "if the cause is somewhere else", "anything could change it"]


def test_how_it_feels_is_no_observation_until_it_is_said_at_what_or_when():
    vague = ["if it is slow", "if it gets slow", "the machine is very slow", "it feels sluggish"]
    seen = ["if it is slow while it swaps", "if it is still slow after closing the tabs", "if it crashes"]

    assert {judge_refutable(each).outcome for each in vague} == {"not met"}
    assert {judge_refutable(each).outcome for each in seen} == {"met"}


@pytest.mark.parametrize("answer", OPEN)
def test_a_reference_to_the_key_and_more_of_anything_are_none(answer):
    assert judge_refutable(answer).outcome == "not met"


def test_a_heading_names_the_constraint_of_the_own_machine():
    assert judge_own_constraint("time: my runs need 9 hours").outcome == "met"
    assert judge_own_target("start them at night", "time: my runs need 9 hours").outcome == "met"


def test_what_waits_is_another_part_than_the_chosen_one_be_it_right_or_wrong():
    assert judge_waiting("RAM", "SSD").outcome == "met"
    assert judge_waiting("SSD", "SSD").outcome == "not met"
    assert judge_waiting("no GPU for now", "RAM").outcome == "met"


def test_a_relative_who_says_so_is_no_reason():
    assert judge_reason("My brother-in-law says one can never have enough RAM").outcome == "not met"


def judged_own(text):
    found = score("symptom-mapping", {"my-machine": text}, Evidence())
    return {each.id: each.outcome for each in found if each.id.startswith("my-machine")}


def test_not_applicable_beside_an_act_says_that_nothing_is_short():
    form = "Likely constraint: n/a\nFirst fix to try: {}\nEvidence that would change this: {}"

    assert judged_own(form.format("keep it and log swap weekly", "swap in use"))["my-machine.constraint"] == "met"
    assert set(judged_own(form.format("n/a", "n/a")).values()) == {"not attempted"}
