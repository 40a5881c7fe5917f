"""The shipped catalogue holds every table of the source and every name that the design fixes."""

from collections import Counter

import pytest

import workstation.catalog as package
from workstation.catalog import load_catalog

IDS = {
    "families": [
        "api-first", "local-coding-assistant", "embeddings-rag", "notebook-exploration", "quantized-inference",
        "lora-finetuning", "large-training", "always-on-services",
    ],
    "constraints": [
        "vram", "ram", "storage", "thermals", "power-expansion", "cpu", "network",
        "environment", "time", "operations", "workload-scale",
    ],
    "archetypes": ["laptop-first", "single-gpu-desktop", "home-server", "cloud-first", "hybrid"],
    "decisions": ["keep", "upgrade", "desktop", "server", "cloud", "hybrid"],
    "bands": ["ram", "vram", "storage", "cooling", "power"],
    "metrics": [
        "ram_used_percent", "swap_used_gib", "vram_used_percent", "oom_events", "disk_free_percent", "disk_free_gib",
        "artifact_growth_gib", "throttle_events", "throughput_drop_percent", "cpu_used_percent", "network_wait_minutes",
        "local_inference_days", "rag_days", "finetune_runs", "large_jobs", "gpu_busy_hours", "cloud_hours",
        "cloud_cost", "blocked_upgrades", "service_outage_hours",
    ],
}  # fmt: skip

# The workload table: the first wall and the next ones, as constraints.
WALLS = {
    "api-first": ({"ram", "cpu", "environment"}, {"storage", "network"}),
    "local-coding-assistant": ({"vram", "ram"}, {"storage", "thermals"}),
    "embeddings-rag": ({"ram", "storage", "cpu"}, {"vram"}),
    "notebook-exploration": ({"ram", "storage"}, {"cpu"}),
    "quantized-inference": ({"vram"}, {"ram", "storage", "thermals"}),
    "lora-finetuning": ({"vram", "thermals"}, {"storage", "ram", "time"}),
    "large-training": ({"workload-scale", "storage", "operations"}, {"time"}),
    "always-on-services": ({"ram", "storage", "network"}, {"power-expansion", "thermals", "operations"}),
}

SYMPTOM_CONSTRAINTS = [
    ("vram",), ("ram",), ("storage",), ("thermals", "power-expansion"), ("power-expansion",), ("workload-scale",),
]  # fmt: skip

# DESIGN 6, with (g) for what is judged at grading.
SUMMARY_CRITERIA = [
    "evidence.inventory", "evidence.resources", "evidence.project-disk", "evidence.gpu-tooling", "evidence.unknowns",
    "workload.horizon", "workload.family", "workload.before-hardware",
    "archetype.known", "archetype.because", "archetype.priority",
    "summary.first-bottleneck", "summary.bottleneck-fits(g)", "summary.measured", "summary.matches-inventory(g)",
    "summary.second-bottleneck", "summary.decision", "summary.next-action(g)", "summary.no-verdict",
]  # fmt: skip

SUMMARY_ANSWERS = {
    "evidence": [],
    "workload": [],
    "archetype": ["Archetype", "Because", "Matters most"],
    "constraint-summary": [
        "Workload", "Archetype", "Likely first bottleneck", "Evidence", "Second likely bottleneck",
        "Keep, upgrade, cloud, or hybrid", "Next action",
    ],
}  # fmt: skip
# The quiz of the source, question 1 to 8.
SOURCES_SCENARIOS = (
    "api-team-one-laptop",
    "longer-context-fails",
    "everything-open-swaps",
    "one-crowded-disk",
    "three-node-lab",
    "quiet-flat-rare-jobs",
    "used-bargain",
    "fast-then-loud",
)


def review(catalog):
    """The scenarios that lesson 10 plays."""
    return [catalog.scenarios[name] for name in SOURCES_SCENARIOS]


@pytest.fixture
def catalog():
    return load_catalog()


@pytest.fixture
def exercise(catalog):
    return catalog.exercises["constraint-summary"]


@pytest.mark.parametrize("kind", IDS)
def test_every_name_that_the_design_fixes_is_there_in_teaching_order(catalog, kind):
    assert list(getattr(catalog, kind)) == IDS[kind]


def test_each_family_has_the_walls_of_the_workload_table(catalog):
    assert {f.id: (set(f.primary), set(f.secondary)) for f in catalog.families.values()} == WALLS


def test_constraints_without_an_instrument_are_named_only(catalog):
    named_only = [c.id for c in catalog.constraints.values() if not c.has_instrument]

    assert named_only == ["environment", "time", "operations", "workload-scale"]


def test_each_symptom_points_to_the_constraint_of_the_symptom_table(catalog):
    assert [symptom.constraint for symptom in catalog.symptoms.values()] == SYMPTOM_CONSTRAINTS


def test_eight_mistakes_are_told(catalog):
    assert len(catalog.mistakes) == 8


def test_the_scenarios_of_the_review_are_the_sources_eight_and_come_first(catalog):
    review = [scenario.id for scenario in catalog.scenarios.values() if scenario.lesson == "10-review"]

    assert review == list(SOURCES_SCENARIOS)
    assert list(catalog.scenarios)[: len(review)] == review


def test_the_right_choice_does_not_always_stand_at_the_same_place(catalog):
    """In the review by its count, in all scenarios by their share."""
    for own in (review(catalog), [*catalog.scenarios.values()]):
        places = Counter(scenario.correct for scenario in own)
        assert set(places) >= {0, 1, 2, 3}
        assert max(places.values()) <= max(3, len(own) / 2)


def test_the_longest_choice_is_no_hint_to_the_right_one(catalog):
    for own in (review(catalog), [*catalog.scenarios.values()]):
        longest = [s for s in own if max(s.choices, key=len) == s.choices[s.correct]]
        assert len(longest) <= max(3, len(own) / 2)


def test_unified_memory_means_both_kinds_of_memory(catalog):
    for constraint in ("vram", "ram"):
        assert "unified memory" in catalog.constraints[constraint].aliases


@pytest.mark.parametrize("metric", ["disk_free_percent", "disk_free_gib"])
def test_free_space_is_judged_by_its_lowest_of_the_week(catalog, metric):
    assert catalog.metrics[metric].week == "lowest"


def test_a_metric_is_named_by_its_id_with_blanks_too(catalog):
    for metric in catalog.metrics.values():
        assert metric.id.replace("_", " ") in metric.aliases


def test_the_first_exercise_has_the_answers_and_labels_of_the_design(exercise):
    labels = {answer.id: [field.label for field in answer.fields] for answer in exercise.answers}

    assert labels == SUMMARY_ANSWERS
    assert [answer.id for answer in exercise.answers if not answer.has_text] == ["evidence"]


def test_the_first_exercise_has_the_criteria_of_the_design_in_order(exercise):
    written = [f"{criterion.id}(g)" if criterion.at_grading else criterion.id for criterion in exercise.criteria]

    assert written == SUMMARY_CRITERIA


def test_the_first_exercise_is_worth_forty_points_and_most_of_them_lie_in_the_summary(exercise):
    points = Counter()
    for criterion in exercise.criteria:
        points[criterion.answer] += criterion.points

    assert sum(points.values()) == 40
    assert points["constraint-summary"] > 20


def test_points_add_up_without_rounding(catalog):
    for exercise in catalog.exercises.values():
        assert all((criterion.points * 2).is_integer() for criterion in exercise.criteria)


def test_hints_come_in_steps(catalog):
    for exercise in catalog.exercises.values():
        for criterion in exercise.criteria:
            assert 2 <= len(criterion.hints) <= 3, criterion.id
            assert len(set(criterion.hints)) == len(criterion.hints), criterion.id


def test_versions_are_there_to_be_stamped(catalog):
    assert catalog.version.split(".")[0].isdigit()
    assert catalog.rubric_version.split(".")[0].isdigit()


def test_the_public_names_are_sorted_and_exist():
    assert package.__all__ == sorted(package.__all__, key=lambda name: (name.islower(), name))
    assert all(hasattr(package, name) for name in package.__all__)
