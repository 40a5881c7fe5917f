"""The judges of staged plans: each checkpoint, and what a plan does over the half-years that it is tried on."""

import json
import tomllib
from pathlib import Path

import pytest

from workstation.answers.model import Evidence
from workstation.answers.parse import parse_fields
from workstation.answers.score import score
from workstation.catalog import load_catalog
from workstation.catalog._planning import load_planning_words
from workstation.planning import steps_over, trials

HERE = Path(__file__).parent
LABELLED = [json.loads(line) for line in (HERE / "answers/staged-plan.jsonl").read_text("utf-8").splitlines()]
REFERENCE = tomllib.loads((HERE / "histories/plans.toml").read_text("utf-8"))
TRIED = [entry.id for entry in load_catalog().exercises["staged-plan"].criteria if entry.at_grading]
GOOD = {
    "Now": "keep",
    "After one month": "if ram_used_percent >= 90 for 3 weeks then upgrade ram otherwise keep",
    "After the first repeated bottleneck": "if swap_used_gib > 2 for 3 weeks then upgrade ram",
    "Cloud": "if large_jobs >= 1 then cloud",
}
NOW, MONTH, REPEATED, CLOUD = GOOD


def judged(fields, recommendation="", seed=None):
    """Judge a plan; give criteria by id."""
    body = "\n".join(f"{label}: {text}" for label, text in fields.items())
    found = score("staged-plan", {"plan": body, "recommendation": recommendation}, Evidence(), seed=seed)
    return {criterion.id: criterion for criterion in found}


def outcome(criterion, field, text, **more):
    return judged({**GOOD, field: text}, **more)[criterion].outcome


@pytest.mark.parametrize("entry", LABELLED, ids=[entry["id"] for entry in LABELLED])
def test_labelled_plans_are_judged_as_labelled(entry):
    found = {each.id: each.outcome for each in score("staged-plan", entry["answers"], Evidence())}

    wanted = {name: [label] if isinstance(label, str) else label for name, label in entry["expect"].items()}
    assert {name: found[name] for name in wanted if found[name] not in wanted[name]} == {}


def test_a_plain_plan_meets_all_its_criteria():
    assert {each.outcome for name, each in judged(GOOD).items() if name.startswith("plan.")} == {"met"}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("keep; 12 of 16 GB used so far", "met"),
        ("Not buying anything.", "met"),
        ("hybrid from day one", "met"),
        ("collect evidence first", "met"),
        ("buy a desktop", "met"),
        ("I will think about it and read reviews", "not met"),
        ("keep, upgrade, desktop, server, cloud and hybrid", "not met"),
        ("We'll see", "not met"),
        ("...", "not attempted"),
    ],
)
def test_now_is_a_decision(text, wanted):
    assert outcome("plan.now", NOW, text) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("**If** swap > 1,5 GiB for three weeks, **then** add RAM, otherwise keep", "met"),
        ("Swap above 2 GiB three weeks in a row: upgrade RAM", "met"),
        ("Should swap exceed 4 GiB for 3 weeks, upgrade RAM", "met"),
        ("IF RAM_USED_PERCENT ≥ 90,5 FOR >= 3 WEEKS THEN UPGRADE RAM", "met"),
        ("if VRAM use ≥ 93 % and I do local inference at least 3 days, for four weeks, then upgrade VRAM", "met"),
        ("\n- if free disk < 12 % for 2 weeks then upgrade storage\n- if swap > 2 for 3 weeks then upgrade ram", "met"),
        ("if ram_used_percent 90 >= during two weeks upgrade ram", "needs review"),
        ("if disk_free_gib < 1.000 for 2 weeks then upgrade storage", "needs review"),
        ("If it still feels slow I will look at more memory.", "not met"),
        ("keep", "not met"),
        ("", "not attempted"),
    ],
)
def test_a_checkpoint_is_a_rule_with_a_threshold(text, wanted):
    assert outcome("plan.one-month", MONTH, text) == wanted
    assert outcome("plan.repeated", REPEATED, text) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Rent a GPU by the hour whenever a job does not fit on this machine.", "met"),
        ("Only for the 7B fine-tune in March.", "met"),
        ("No cloud unless a job does not fit", "met"),
        ("large_jobs >= 1: cloud", "met"),
        ("big trainings go to RunPod", "met"),
        ("No cloud, ever. My data stays at home.", "not met"),
        ("Not for me, everything stays in my house.", "not met"),
        ("if large_jobs >= 1 then keep otherwise keep", "not met"),
        ("cloud", "not met"),
        ("If I need it I will use it.", "not met"),
    ],
)
def test_the_cloud_has_an_occasion(text, wanted):
    assert outcome("plan.cloud", CLOUD, text) == wanted


@pytest.mark.parametrize("at_once", ["buy a single-GPU desktop", "order 32 GB of RAM today, it is above 90 %"])
def test_what_is_bought_at_once_is_bought_on_quiet_weeks_too(at_once):
    found = judged({**GOOD, NOW: at_once})

    assert found["plan.on-quiet"].outcome == found["plan.on-spike"].outcome == "not met"
    assert "at once" in found["plan.on-quiet"].reason


@pytest.mark.parametrize(
    "rule",
    [
        "if ram_used_percent > 85 then upgrade ram",
        "if disk_free_percent < 12 then upgrade storage",
        "if network_wait_minutes > 100 then upgrade network",
        "if swap_used_gib < 4 for 2 weeks then keep otherwise upgrade ram",
        "if cpu_used_percent > 95 then desktop",
    ],
)
def test_one_bad_week_of_any_resource_does_not_buy(rule):
    found = judged({**GOOD, REPEATED: rule})

    assert found["plan.repeated"].outcome == "met"
    assert found["plan.on-quiet"].outcome == "met"
    assert found["plan.on-spike"].outcome == "not met"
    assert "in week " in found["plan.on-spike"].reason


@pytest.mark.parametrize(
    ("constraint", "rule"),
    [
        ("ram", "if oom_events >= 2 and ram > 90 for 3 weeks then hybrid"),
        ("vram", "if vram_used_percent >= 95 for 3 weeks then desktop"),
        ("storage", "if disk_free_gib below 50 GB for 2 weeks then upgrade (storage)"),
        ("thermals", "if throttle_events >= 4 for 3 weeks then upgrade cooling"),
        ("cpu", "if cpu_used_percent at least 90 for 4 weeks then upgrade cpu"),
        ("network", "if network_wait_minutes > 2 hours for 3 weeks then upgrade network"),
        ("power and expansion", "if blocked_upgrades >= 1 for 3 weeks then upgrade power"),
        ("operations", "if service_outage_hours >= 5 for 3 weeks then server"),
        ("workload scale", "if large_jobs >= 1 for 3 weeks then cloud"),
        ("ram", "if ram < 85 for 2 weeks then keep otherwise upgrade ram"),
    ],
)
def test_a_rule_that_lifts_the_named_bottleneck_acts_on_it(constraint, rule):
    plan = {**GOOD, MONTH: rule, REPEATED: rule}

    assert judged(plan, f"The first bottleneck is {constraint}.")["plan.on-repeated"].outcome == "met"
    assert judged(plan)["plan.on-repeated"].outcome == "met", "the rule itself names it"


@pytest.mark.parametrize(
    ("named", "rule", "wanted"),
    [
        ("RAM", "if vram_used_percent >= 95 for 3 weeks then upgrade vram", "not met"),
        ("RAM", "if ram_used_percent > 90 for 2 weeks then upgrade vram", "not met"),
        ("storage", "if disk_free_percent < 8 for 3 weeks then keep", "not met"),
        ("RAM", "if ram_used_percent > 100 for 12 weeks then upgrade ram", "not met"),
        ("RAM", "if ram_used_percent > 90 for 3 weeks then upgrade", "met"),
        ("RAM", "if ram_used_percent > 90 or vram_used_percent > 90 for 3 weeks then upgrade", "needs review"),
        ("time", "if gpu_busy_hours > 20 for 3 weeks then hybrid", "needs review"),
    ],
)
def test_what_does_not_lift_the_named_bottleneck(named, rule, wanted):
    plan = {**GOOD, MONTH: rule, REPEATED: rule}

    assert judged(plan, f"The first bottleneck is {named}.")["plan.on-repeated"].outcome == wanted


def test_acting_early_is_acting():
    """What fires on one bad week fails there, and not where its bottleneck comes back."""
    found = judged(
        {**GOOD, MONTH: "if ram_used_percent > 90 then upgrade ram", REPEATED: "if swap > 4 then upgrade ram"}
    )

    assert (found["plan.on-spike"].outcome, found["plan.on-repeated"].outcome) == ("not met", "met")


@pytest.mark.parametrize("cloud", ["no, never", "if large_jobs >= 50 then cloud"])
def test_a_rare_large_job_wants_the_cloud(cloud):
    assert outcome("plan.on-rare-large-job", CLOUD, cloud) == "not met"
    assert outcome("plan.on-rare-large-job", CLOUD, "rent for jobs that do not fit") == "met"


@pytest.mark.parametrize("purchase", ["desktop", "upgrade vram", "a bigger GPU upgrade"])
def test_no_gpu_for_another_bottleneck(purchase):
    rule = f"if disk_free_percent < 10 or vram_used_percent > 90 for 2 weeks then {purchase}"
    found = judged({**GOOD, REPEATED: rule}, "The first bottleneck is VRAM.")

    assert found["plan.on-other-constraint"].outcome == "not met"
    assert "Storage hurts" in found["plan.on-other-constraint"].reason


def test_a_gpu_for_out_of_memory_events_alone_is_for_a_person():
    """They may be the card's own."""
    found = judged(
        {
            **GOOD,
            MONTH: "if swap > 90 for 3 weeks then keep",
            REPEATED: "if oom_events >= 3 for 2 weeks then upgrade vram",
        }
    )

    assert found["plan.on-other-constraint"].outcome == "needs review"


@pytest.mark.parametrize("kind", ["", "TODO", "keep", "we will see"])
def test_silence_earns_nothing(kind):
    found = judged({NOW: kind, MONTH: kind, REPEATED: kind, CLOUD: kind})

    assert all(found[name].earned == 0 for name in TRIED)
    assert all(found[name].outcome in {"not attempted", "not met"} for name in TRIED)


@pytest.mark.parametrize("name", REFERENCE["fair"])
def test_fair_plans_earn_the_same_over_fifty_seeds(name):
    """One of them buys a disk after one bad week, with every seed; else they meet all."""
    plan = REFERENCE["fair"][name]
    fields = dict(zip(GOOD, (plan["now"], plan["one-month"], plan["repeated"], plan["cloud"]), strict=True))
    expected = {each: "not met" if (name, each) == ("use", "plan.on-spike") else "met" for each in TRIED}

    for seed in range(50):
        found = judged(fields, seed=f"seed {seed}")
        assert {each: found[each].outcome for each in TRIED} == expected


@pytest.mark.parametrize("name", REFERENCE["bad"])
def test_unfair_plans_lose_the_same_over_twenty_seeds(name):
    plan = REFERENCE["bad"][name]
    fields = dict(zip(GOOD, (plan["now"], plan["one-month"], plan["repeated"], plan["cloud"]), strict=True))
    lost = {each for each, criterion in judged(fields).items() if each in TRIED and criterion.outcome != "met"}

    assert lost
    for seed in range(20):
        found = judged(fields, seed=f"seed {seed}")
        assert {each for each in TRIED if found[each].outcome != "met"} == lost


def test_the_same_seed_draws_the_same_weeks_and_another_draws_others():
    assert trials("a") == trials("a")
    assert trials("a").spikes[2].weeks != trials("b").spikes[2].weeks
    assert trials("a").quiet[0].weeks != trials().quiet[0].weeks


def test_each_constraint_that_weeks_can_show_is_tried_once_and_again():
    drawn = trials("x")
    strained = {pain.of for pain in load_planning_words().pains.values() if pain.kind == "strain"} - {"memory"}

    assert set(drawn.repeated) == strained
    assert {each.id for each in drawn.spikes} >= {f"once-{name}" for name in strained}
    assert all(
        each.weeks[2].metrics == drawn.spikes[-1].weeks[2].metrics for each in drawn.spikes if each.id[:5] == "once-"
    )


def test_a_plan_that_does_nothing_takes_no_step():
    from workstation.planning import parse_plan

    assert all(each.step.decision == "keep" for each in steps_over(parse_plan({"Now": "keep"}), trials().spikes[0]))


def test_the_fields_know_every_name_that_the_simulation_knows():
    form = load_catalog().exercises["staged-plan"].answers[0]
    for entry in load_planning_words().checkpoints.values():
        for label in (entry.label, *entry.aliases):
            assert parse_fields(f"{label}: a rule of mine\nxx", form)[entry.id], label


@pytest.mark.parametrize(
    "text",
    [
        "if ram > 90 for 3 weeks then upgrade ram; " * 1000,
        "x" * 1_000_000,
        "<script>alert(1)</script> if <img src=x onerror=a()> ram > 90 then <b>keep</b>",
        '__import__("os").system("echo met") or eval("1")',
        "\u202eif ram_used_percent > 90 for 3 weeks then upgrade ram\u202c",
        "(" * 5000 + "ram > 90" + ")" * 5000,
        "if ram > 9" + "9" * 5000 + " then keep",
        "\x00\ud800 if ram > 90 then keep",
    ],
)
def test_hostile_input_is_judged_and_nothing_runs(text):
    found = judged(dict.fromkeys(GOOD, text), recommendation=text)

    assert len(found) == 16
    assert all(len(each.reason) < 2000 for each in found.values())
