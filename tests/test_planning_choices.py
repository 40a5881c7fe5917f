"""What a plan buys, keeps, leaves open or excepts, in many wordings."""

import pytest

from workstation.planning import Step, history, parse_plan, parse_rule, print_rule, print_step, read_field, simulate

LEAD = "if ram_used_percent > 90 for 2 weeks then"


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("Keep the laptop and build a desktop", "desktop"),
        ("Keep the laptop for email, buy a desktop for AI", "desktop"),
        ("Buy a GPU, keep the rest", "upgrade vram"),
        ("keep, but buy a GPU", "upgrade vram"),
        ("Keep the old machine but order 32 GB RAM this week", "upgrade ram"),
        ("Stay with the laptop and get a used RTX 3090", "upgrade vram"),
        ("Hold on to the tower and replace the graphics card", "upgrade vram"),
        ("Keep the laptop. Buy a GPU.", "upgrade vram"),
        ("Keep it; add a home server", "server"),
        ("Keep the laptop with more RAM", "upgrade ram"),
    ],
)
def test_a_purchase_beside_keeping_is_a_purchase(text, step):
    reading = read_field(text)

    assert (reading.kind, print_step(reading.step)) == ("decision", step)
    assert simulate(parse_plan({"now": text}), history("nothing-at-all")).verdict == "overbought"


@pytest.mark.parametrize(
    "text",
    [
        "Keep the desktop, no purchase, log for four weeks",
        "keep the laptop and write down RAM and swap every Sunday",
        "keep; move old checkpoints to the NAS first",
        "Keep. I clean the fans and write down the throttling.",
        "keep the old laptop as the server of the house",
        "Keep the laptop and add the RAM figures to the log",
        "Keep the laptop, no GPU, no desktop",
        "Keep the laptop and do not buy a GPU",
        "Keep the laptop instead of buying a desktop",
        "Stay with the laptop; maybe a GPU later",
        "Keep the laptop. I buy nothing and watch VRAM.",
        "Keep the laptop until I have a month of data.",
        "Keep everything; get through the exam first, then look at VRAM",
        "Keep the laptop. I want to build a RAG system in RAM.",
        "Keep the laptop, upgrade the drivers of the GPU",
        "Keep the desktop and upgrade PyTorch, then measure VRAM",
        "Keep the laptop and get the VRAM numbers every week",
        "Keep the laptop, later upgrade the RAM",
        "Do nothing for now",
        "I will not buy anything this month",
        "No hardware yet",
    ],
)
def test_what_only_speaks_of_hardware_keeps(text):
    reading = read_field(text)

    assert (reading.kind, reading.step) == ("decision", Step(decision="keep"))


@pytest.mark.parametrize(
    "options",
    [
        "desktop, server, cloud, hybrid",
        "desktop/server/cloud",
        "upgrade ram or desktop",
        "upgrade ram, vram",
        "upgrade ram/vram",
        "upgrade ram, storage or gpu",
        "either a desktop or a server",
        "keep or upgrade ram",
    ],
)
def test_a_list_of_options_is_refused(options):
    reading = read_field(f"{LEAD} {options}")

    assert (reading.kind, reading.rules) == ("unparsed", ())
    assert "Choose one" in reading.problems[0].message


@pytest.mark.parametrize(
    ("steps", "read"),
    [
        ("upgrade ram, storage and gpu", "upgrade ram + upgrade storage + upgrade vram"),
        ("upgrade ram + build a desktop", "upgrade ram + desktop"),
        ("upgrade ram and rent a cloud GPU", "upgrade ram + cloud"),
        ("upgrade ram and vram", "upgrade ram + upgrade vram"),
        ("add RAM and buy a GPU", "upgrade ram + upgrade vram"),
        ("desktop and server", "desktop + server"),
        # no purchases of their own
        ("upgrade the RAM of the home server", "upgrade ram"),
        ("buy a desktop with 64 GB RAM", "desktop"),
        ("upgrade ram and check the VRAM", "upgrade ram"),
        ("upgrade ram and keep the GPU", "upgrade ram"),
        ("upgrade ram before thinking about a GPU", "upgrade ram"),
        ("do not upgrade vram but upgrade ram", "upgrade ram"),
    ],
)
def test_purchases_that_are_joined_are_all_kept(steps, read):
    rule = parse_rule(f"{LEAD} {steps}")

    assert print_step(rule.then) == read
    assert parse_rule(print_rule(rule)) == rule


def test_every_part_of_a_joined_purchase_is_bought():
    plan = parse_plan({"now": "keep", "repeated": f"{LEAD} upgrade ram, storage and gpu"})
    outcome = simulate(plan, history("swap-daily"))

    assert [taken.step.target for taken in outcome.purchases] == ["ram", "storage", "vram"]
    assert outcome.verdict == "overbought"


@pytest.mark.parametrize(
    "other",
    ["wait", "do nothing", "nothing", "continue measuring", "look again next month", "wait another month", "local"],
)
def test_waiting_in_any_words_keeps(other):
    rule = parse_rule(f"{LEAD} upgrade ram, otherwise {other}")

    assert rule.otherwise == Step(decision="keep")


@pytest.mark.parametrize("first", ["clean the fans", "clean the fans and repaste", "dust the heatsink"])
def test_tending_what_is_there_is_a_step_of_a_rule(first):
    assert print_step(parse_rule(f"if throttle_events > 3 for 2 weeks then {first}").then) == "upgrade thermals"


@pytest.mark.parametrize(
    "text",
    [
        "No cloud unless a job does not fit",
        "No cloud until a job does not fit.",
        "Never rent unless the job needs a bigger GPU",
        "I avoid cloud except for jobs larger than this machine",
    ],
)
def test_a_refusal_of_the_cloud_with_an_exception_is_renting_for_that(text):
    assert read_field(text).step == Step(decision="cloud")
    assert simulate(parse_plan({"now": "keep", "cloud": text}), history("monthly-finetune")).verdict == "right in time"


def test_an_exception_that_names_no_job_is_for_review_and_a_flat_refusal_is_one():
    assert read_field("No cloud unless my boss pays").kind == "unparsed"
    assert read_field("No cloud, ever. My data stays at home.").step == Step(decision="keep")
    assert read_field("No desktop unless the laptop dies").step == Step(decision="keep")


@pytest.mark.parametrize(
    "text",
    [
        "upgrade ram unless disk_free_percent < 10",
        "upgrade ram, except when the disk is full",
        "upgrade ram until the slots are full",
        "upgrade ram otherwise keep, unless it is summer",
        "upgrade ram. Unless the budget is gone.",
        "upgrade ram only if the budget allows",
    ],
)
def test_an_exception_is_not_dropped(text):
    reading = read_field(f"{LEAD} {text}")

    assert (reading.kind, reading.rules) == ("unparsed", ())
    assert "takes back" in reading.problems[0].message


def test_only_if_in_a_sentence_of_its_own_is_the_next_rule():
    reading = read_field(f"{LEAD} upgrade ram. Only if vram > 90 for 3 weeks then upgrade vram")

    assert len(reading.rules) == 2


@pytest.mark.parametrize(
    ("text", "offers"),
    [
        ("if large_jobs at least 1 a month then cloud", "month"),
        ("if large_jobs at least once a month then cloud", "month"),
        ("if large_jobs >= 1 in a month then cloud", "month"),
        ("if large_jobs >= 2 in 2 weeks then cloud", "2"),
        ("if network wait > 1h30 for 2 weeks then upgrade network", "1.5 hours"),
        ("if network wait > 1:30 h for 2 weeks then upgrade network", "1.5 hours"),
        ("if cloud_cost > €1.000 then desktop", "two ways"),
        ("if cloud_cost > 1.250 € then desktop", "two ways"),
        ("if ram_used_percent > 0,9 for 2 weeks then upgrade ram", "write 90 %"),
        ("if vram_used_percent >= .9 for 10 days then upgrade vram", "."),
        ("if vram_used_percent > 90 for 10 days then upgrade vram", "whole weeks"),
        ("if 90 < ram_used_percent < 95 for 2 weeks then upgrade ram", "<"),
        ("if ram_used_percent > ninety-five for 2 weeks then upgrade ram", "five"),
    ],
)
def test_an_amount_that_is_half_read_is_refused(text, offers):
    reading = read_field(text)

    assert (reading.kind, reading.rules) == ("unparsed", ())
    assert offers in reading.problems[0].message


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("if 90 < ram_used_percent for 2 weeks then upgrade ram", "ram_used_percent > 90 for 2 weeks"),
        ("if 15 >= disk_free_percent then upgrade ram", "disk_free_percent <= 15"),
        ("if ram_used_percent > ninety for 2 weeks then upgrade ram", "ram_used_percent > 90 for 2 weeks"),
        ("if RAM stays at or above 90% for 14 days then upgrade ram", "ram_used_percent >= 90 for 2 weeks"),
        ("if free disk is at or below 10 % then upgrade ram", "disk_free_percent <= 10"),
        ("if ram > 90 two months in a row then upgrade ram", "ram_used_percent > 90 for 8 weeks"),
        ("if throughput drop > 0.5 % then upgrade ram", "throughput_drop_percent > 0.5 %"),
    ],
)
def test_amounts_in_other_words_are_read(text, rule):
    assert print_rule(parse_rule(text)) == f"if {rule} then upgrade ram"


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("if less than 15 % of the disk is free for 2 weeks then second SSD", "disk_free_percent < 15 for 2 weeks"),
        ("if the disk has less than 50 GiB left then second SSD", "disk_free_gib < 50"),
        ("if the disk is more than 90 % full for 2 weeks then second SSD", "disk_free_percent < 10 for 2 weeks"),
        ("if at least 85 % of the disk is used then second SSD", "disk_free_percent <= 15"),
        ("if disk_used_percent > 90 for 2 weeks then second SSD", "disk_free_percent < 10 for 2 weeks"),
    ],
)
def test_a_full_disk_is_one_with_little_free(text, rule):
    assert print_rule(parse_rule(text)) == f"if {rule} then upgrade storage"


def test_a_rule_that_is_taken_back_behind_it_is_none():
    reading = read_field(f"A friend says {LEAD} upgrade ram, but that is nonsense; I never buy anything.")

    assert (reading.kind, reading.rules) == ("unparsed", ())


def test_an_open_choice_in_a_plain_sentence_is_told():
    reading = read_field("Keep the laptop or buy a desktop")

    assert (reading.kind, reading.step) == ("prose", None)
    assert "Choose one" in reading.problems[0].message
