"""The words of plan rules: what they mean, what they refuse and where they point."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workstation.catalog import load_catalog
from workstation.catalog._planning import load_planning_words
from workstation.errors import PlanningError, RuleError
from workstation.planning import (
    Comparison,
    Group,
    Rule,
    Step,
    parse_plan,
    parse_rule,
    print_rule,
    read_field,
)

# What a person writes, and the rule that it is.
MEANS = {
    "if vram_used_percent > 90 for 3 weeks then desktop": "if vram_used_percent > 90 for 3 weeks then desktop",
    "IF VRAM_USED_PERCENT > 90 FOR 3 WEEKS THEN DESKTOP": "if vram_used_percent > 90 for 3 weeks then desktop",
    "If swap use stays over 4 GiB three weeks in a row, add RAM.": "if swap_used_gib > 4 for 3 weeks then upgrade ram",
    "if disk free < 20 GB for 2 weeks then upgrade (storage)": (
        "if disk_free_gib < 20 GB for 2 weeks then upgrade storage"
    ),
    "if free disk is below 10 % then upgrade: storage": "if disk_free_percent < 10 then upgrade storage",
    "if RAM ≥ 92,5 % then upgrade ram": "if ram_used_percent >= 92.5 then upgrade ram",
    "if free space ≤ 50 then second SSD": "if disk_free_gib <= 50 then upgrade storage",
    "if network wait > 2 hours then upgrade network": "if network_wait_minutes > 2 hours then upgrade network",
    "if gpu hours at least 90 minutes then keep": "if gpu_busy_hours >= 90 minutes then keep",
    "if cloud cost is over $50 then buy a desktop": "if cloud_cost > 50 then desktop",
    "if cloud costs are above 40 € for two weeks then keep": "if cloud_cost > 40 for 2 weeks then keep",
    "when there are 2 or more OOM errors then desktop": "if oom_events >= 2 then desktop",
    "if OOM events 3+ then desktop": "if oom_events >= 3 then desktop",
    "if at least 4 days of local inference and vram above 95% for 2 weeks then build a single-GPU desktop": (
        "if local_inference_days >= 4 and vram_used_percent > 95 for 2 weeks then desktop"
    ),
    "Use the cloud when large_jobs >= 1.": "if large_jobs >= 1 then cloud",
    "Rent a GPU if there are 2 or more jobs that do not fit": "if large_jobs >= 2 then cloud",
    "if throttle events ≥ 3 for two weeks → upgrade cooling": (
        "if throttle_events >= 3 for 2 weeks then upgrade thermals"
    ),
    "if swap > 4 for 3 weeks and ram > 80 then more RAM": (
        "if swap_used_gib > 4 and ram_used_percent > 80 for 3 weeks then upgrade ram"
    ),
    "if swap is not below 4 for a month then upgrade ram": "if swap_used_gib >= 4 for 4 weeks then upgrade ram",
    "if swap > 4 for more than 2 weeks then upgrade ram": "if swap_used_gib > 4 for 3 weeks then upgrade ram",
    "if swap > 4 for twelve weeks then upgrade ram": "if swap_used_gib > 4 for 12 weeks then upgrade ram",
    "if swap > 4 then upgrade ram. Otherwise keep.": "if swap_used_gib > 4 then upgrade ram otherwise keep",
    "if swap > 4 then do not buy a desktop": "if swap_used_gib > 4 then keep",
    "if oom events > 1 then upgrade the desktop's RAM": "if oom_events > 1 then upgrade ram",
    "if oom events > 1 then upgrade RAM, not the GPU": "if oom_events > 1 then upgrade ram",
    "If local inference happens on 4 or more days a week for 4 weeks and vram is above 90%, I plan a desktop": (
        "if local_inference_days >= 4 and vram_used_percent > 90 for 4 weeks then desktop"
    ),
    "When swap is used more than 2 GiB every week for 4 weeks, upgrade the RAM to 32 GB": (
        "if swap_used_gib > 2 for 4 weeks then upgrade ram"
    ),
    "If, for 3 weeks in a row, swap > 4, then upgrade ram": "if swap_used_gib > 4 for 3 weeks then upgrade ram",
    "if ram exceeds 90% for three or more weeks, upgrade RAM; else, keep": (
        "if ram_used_percent > 90 for 3 weeks then upgrade ram otherwise keep"
    ),
    "if vram >= 95 % for 3 weeks then buy a used RTX 3090": "if vram_used_percent >= 95 for 3 weeks then upgrade vram",
    "I log weekly. If swap > 4 GiB then keep the laptop and rent a GPU": "if swap_used_gib > 4 then hybrid",
    "if a service outage is more than 3 hours then add a home server": (
        "if service_outage_hours > 3 then server"
    ),
}  # fmt: skip

# What cannot be read, the characters pointed at, and what the message offers.
WRONG = [
    ("if vramm used > 90 then desktop", "vramm", "vram_used_percent"),
    ("if vram > 90 then destkop", "destkop", "desktop"),
    ("if vram > 250 % then desktop", "250", "0 and 100"),
    ("if vram > -5 % then desktop", "-5", "0 and 100"),
    ("if vram > 1e999 then desktop", "1e999", "0 and 100"),
    ("if vram > NaN then desktop", "NaN", "number"),
    ("if vram tight at 90 then desktop", "tight", "comparison"),
    ("if disk_free_gib < 10 % then keep", "%", "GiB"),
    ("if rag days > 9 then keep", "9", "7 days"),
    ("if swap > 4 for 0 weeks then keep", "0", "1 to 52"),
    ("if swap > 4 for 2.5 weeks then keep", "2.5", "whole weeks"),
    ("if swap > 4 for 1e999 weeks then keep", "1e999", "1 to 52"),
    ("if swap > 4 for ages then keep", "ages", "for 3 weeks"),
    ("if (swap > 4 then keep", "then", "parenthesis"),
    ("if swap > 4 potatoes then keep", "potatoes", "then"),
    ("if swap > 1,000 then keep", "1,000", "two ways"),
    ("if swap > 4 for 3 weeks or ram > 90 for 2 weeks then keep", "for", "two rules"),
    ("if swap > 4 then upgrade RAM or go to the cloud", "the cloud", "Choose one"),
    ("if swap > 4 then upgrade RAM or the SSD", "SSD", "Choose one"),
    ("if swap > 4 then", "", "decision is missing"),
    ("if __import__('os').system('id') > 3 then keep", "import", "metric"),
]  # fmt: skip


@pytest.mark.parametrize("text", MEANS)
def test_what_people_write_is_the_rule_that_they_mean(text):
    assert print_rule(parse_rule(text)) == MEANS[text]


@pytest.mark.parametrize(("text", "pointed_at", "offers"), WRONG, ids=[text for text, _, _ in WRONG])
def test_an_error_points_at_the_word_and_says_what_to_do(text, pointed_at, offers):
    with pytest.raises(RuleError) as caught:
        parse_rule(text)

    assert text[caught.value.start : caught.value.end].endswith(pointed_at)
    assert offers in str(caught.value)


def test_a_gigabyte_is_ten_to_the_ninth_bytes():
    comparison = parse_rule("if free disk below 100 GB then keep").condition

    assert comparison.threshold == pytest.approx(100 * 10**9 / 2**30)


def test_and_binds_tighter_than_or():
    rule = parse_rule("if swap > 1 or ram > 90 and oom events > 2 then keep")

    assert isinstance(rule.condition, Group)
    assert rule.condition.joint == "or"
    assert [type(part) for part in rule.condition.parts] == [Comparison, Group]
    assert rule.condition.parts[1].joint == "and"


def test_parentheses_bind_tightest():
    rule = parse_rule("if (swap > 1 or ram > 90) and oom events > 2 then keep")

    assert rule.condition.joint == "and"
    assert rule.condition.parts[0].joint == "or"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", "blank"),
        ("\x00\u202e \n", "blank"),
        ("Keep the laptop.", "decision"),
        ("Keep the laptop and log RAM before any upgrade.", "decision"),
        ("I will look at it later", "prose"),
        ("If it hurts then upgrade", "prose"),
        ("In 3 months I decide", "prose"),
        ("If VRAM is saturated after quantization changes, plan a single-GPU desktop", "prose"),
        ("Upgrade RAM once memory is tight above 90 % most days", "unparsed"),
        ("keep unless swap is over 4", "unparsed"),
        ("If RAM is between 90 and 100 for 3 weeks then add RAM", "unparsed"),
        ("if ram_used_percent ist 90 dann upgrade ram", "unparsed"),
        ("if the same bottleneck shows in 3 weeks then upgrade", "prose"),
        ("Upgrade RAM to 32 GB", "decision"),
        ("Keep it while RAM stays under 90 %", "unparsed"),
        ("if swap > 4 then keep", "rule"),
    ],
)
def test_prose_is_told_from_a_threshold_that_cannot_be_read(text, kind):
    assert read_field(text).kind == kind


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("Keep the laptop and log RAM before any upgrade.", Step(decision="keep")),
        ("Upgrade: cooling", Step(decision="upgrade", target="thermals")),
        ("Add 32 GB of RAM now.", Step(decision="upgrade", target="ram")),
        ("I don't buy a desktop.", Step(decision="keep")),
        ("Keep the laptop, and rent a GPU for the exceptions.", Step(decision="hybrid")),
        ("Keep it. Upgrade nothing.", Step(decision="keep")),
    ],
)
def test_a_plain_decision_is_read(text, step):
    assert read_field(text).step == step


def test_a_field_may_hold_several_rules_and_a_broken_one_costs_no_other():
    reading = read_field(
        "- if swap > 4 for 2 weeks then upgrade ram\n- if vramm > 90 then desktop\n- if free disk < 30 then second SSD"
    )

    assert [rule.then.target for rule in reading.rules] == ["ram", "storage"]
    assert len(reading.problems) == 1


def test_a_plan_is_read_from_labels_in_any_spelling():
    plan = parse_plan("Now: keep\nAFTER ONE MONTH : keep\n- Cloud: if large_jobs >= 1 then cloud\nor not")

    assert (plan.now.kind, plan.one_month.kind, plan.repeated.kind) == ("decision", "decision", "blank")
    assert plan.cloud.rules[0].then.decision == "cloud"


def test_a_field_that_no_plan_has_is_named():
    with pytest.raises(PlanningError, match="After the first repeated bottleneck"):
        parse_plan({"Tomorrow": "keep"})


@pytest.mark.parametrize(
    "text",
    [
        "x" * 1_000_000,
        "(" * 7_000,
        "if " + "(" * 7_000 + "swap > 4",
        "if " * 2_500,
        "if swap > 4 and " * 450,
        "if the " * 1_000,
        "\x00if swap > 4 then keep\x00",
        "\u202eif swap > 4 then\u2066 keep",
        "if sw\u200bap > 4 then keep",
        "<script>alert(1)</script>",
        "lambda: exec('1')",
        "\ud800 if swap > 4",
        "if swap > 9" + "9" * 400 + " then keep",
    ],
)
def test_hostile_text_has_a_clear_outcome(text):
    reading = read_field(text)

    assert reading.kind in {"rule", "unparsed", "prose", "blank"}
    assert all(problem.message.endswith((".", "”", "?", "”.")) for problem in reading.problems)
    assert len(reading.text) <= load_planning_words().limits.text_chars


def test_invisible_characters_do_not_hide_a_rule():
    assert print_rule(parse_rule("\x00if sw\u200bap\u202e > 4 then\u2066 keep")) == "if swap_used_gib > 4 then keep"


METRICS = load_catalog().metrics
UNITS = [unit for unit in load_planning_words().units if unit.factor != 1.0]


@st.composite
def comparisons(draw):
    metric = draw(st.sampled_from(sorted(METRICS)))
    limits = load_planning_words().ranges[METRICS[metric].unit]
    unit = draw(st.sampled_from([None, *(unit for unit in UNITS if unit.of == METRICS[metric].unit)]))
    factor = unit.factor if unit else 1.0
    number = draw(st.floats(limits.low, limits.high / factor * 0.999, allow_nan=False))
    sign = draw(st.sampled_from([">=", "<=", ">", "<", "="]))
    return Comparison(metric=metric, sign=sign, number=number, unit=unit.id if unit else None, factor=factor)


def groups(parts):
    return st.builds(
        lambda joint, listed: Group(joint=joint, parts=tuple(listed)),
        st.sampled_from(["and", "or"]),
        st.lists(parts, min_size=2, max_size=3),
    )


STEPS = st.one_of(
    st.builds(Step, decision=st.sampled_from(sorted(load_catalog().decisions))),
    st.builds(
        Step,
        decision=st.just("upgrade"),
        target=st.sampled_from([entry.id for entry in load_catalog().constraints.values() if entry.has_instrument]),
    ),
)
RULES = st.builds(
    Rule,
    condition=st.recursive(comparisons(), groups, max_leaves=8),
    weeks=st.integers(1, 52),
    then=STEPS,
    otherwise=st.none() | STEPS,
)


@settings(max_examples=150, deadline=None)
@given(RULES)
def test_a_rule_that_is_printed_reads_as_the_same_rule(rule):
    assert parse_rule(print_rule(rule)) == rule


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_read_without_an_error(text):
    reading = read_field(text)

    assert all(0 <= problem.start <= problem.end <= len(text) for problem in reading.problems)


WORDS = ["if", "then", "and", "or", "for", "weeks", "3", "ram", "above", "90", "%", "keep", "(", ")", ",", "upgrade",
         "not", "otherwise", "at least", "oom events", "\n", ".", "desktop", "1e999", "-5", "1,000",
         "month", "€"]  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=30))
def test_any_order_of_the_grammars_own_words_is_read_or_refused_with_a_place(words):
    text = " ".join(words)
    reading = read_field(text)

    assert all(parse_rule(print_rule(rule)) == rule for rule in reading.rules)
    assert all(0 <= problem.start <= problem.end <= len(text) for problem in reading.problems)
