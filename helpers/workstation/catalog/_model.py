"""The shapes of catalogue entries: what a lesson table, the grader and the plan rules all read."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Band = Literal["entry", "comfortable", "heavy"]
REVIEW = "10-review"


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """A workload family: one row of the workload table."""

    id: str
    name: str
    description: str
    primary: tuple[str, ...]  # constraint ids, the first wall
    secondary: tuple[str, ...]  # constraint ids, the next ones
    primary_text: str  # the table's words for the primary bottleneck
    secondary_text: str
    local_fit: str
    aliases: tuple[str, ...]  # names of the family
    signals: tuple[str, ...]  # plain descriptions: "I call hosted models from scripts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Constraint:
    """A resource that can be the first wall; one row of the constraints table where it has one."""

    id: str
    name: str
    has_instrument: bool  # False: named only (environment, time, operations, workload-scale)
    controls: str
    healthy_question: str
    symptom_when_undersized: str
    aliases: tuple[str, ...]
    signals: tuple[str, ...]  # "graphics memory is full", "starts swapping"
    targets: tuple[str, ...]  # words of actions that act on it: "add ram", "close browser tabs"
    measures: tuple[str, ...]  # words of measurements that observe it: "free -h", "available memory"


@dataclass(frozen=True, slots=True, kw_only=True)
class Archetype:
    """A pattern of set-up; one row of the archetype table."""

    id: str
    name: str
    best_for: str
    strengths: str
    limits: str
    aliases: tuple[str, ...]
    signals: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Priority:
    """What a machine has to be best at: portability, sustained load or always-on service."""

    id: str
    name: str
    means: str
    archetypes: tuple[str, ...]  # archetype ids whose plain description already tells of it
    aliases: tuple[str, ...]
    signals: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A way forward; one row of the local, cloud or hybrid table where it has one."""

    id: str
    name: str
    choose_when: str
    avoid_when: str
    risk: str
    aliases: tuple[str, ...]
    signals: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceBands:
    """What entry, comfortable and heavy mean for one resource."""

    id: str
    name: str
    constraint: str  # constraint id
    entry: str
    comfortable: str
    heavy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Symptom:
    """A symptom, the constraint it points to and the first fix to try."""

    id: str
    name: str
    constraint: tuple[str, ...]
    constraint_text: str
    first_fixes: tuple[str, ...]
    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """A common mistake, the harm it does, the better move, and why the three belong together."""

    id: str
    name: str
    harm: str
    better_move: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A practice scenario with a model answer and a reason for each choice."""

    id: str
    lesson: str = REVIEW  # the one that plays it
    name: str
    situation: str
    question: str
    choices: tuple[str, ...]
    correct: int  # index into choices
    reasons: tuple[str, ...]  # one per choice: why it is right or wrong
    model_answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question of a lesson's self-check, with a reason for each choice."""

    id: str
    lesson: str  # "01-workload-first"
    question: str
    choices: tuple[str, ...]
    correct: int  # index into choices
    reasons: tuple[str, ...]  # one per choice: why it is right or wrong


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A weekly evidence metric that plan rules may name."""

    id: str
    name: str
    unit: str  # "percent", "GiB", "count", "minutes", "days", "hours", "currency"
    week: Literal["peak", "lowest", "sum", "count"]
    constraint: str | None
    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RubricCriterion:
    """One criterion: what earns its points, whether the learner sees it, and its staged hints."""

    id: str
    exercise: str
    answer: str  # the answer id whose test cell scores it
    group: int  # 1-based: the test cell of at most four criteria
    title: str  # what it asks, in a learner's words
    points: float
    at_grading: bool  # (g): named on the card, judged at grading only
    hints: tuple[str, ...]  # in steps, the last one nearly gives it away
    judge: str | None = None  # one of `plain_judges`, for a criterion that has none of its own
    field: str | None = None  # the field that it looks at; None: the whole paragraph


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One labelled line of an answer."""

    id: str  # "first-bottleneck"
    label: str  # "Likely first bottleneck"
    aliases: tuple[str, ...]  # other spellings of the label


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerForm:
    """One answer of an exercise: its id, its fields (none: a paragraph) and what the template says."""

    id: str
    exercise: str
    title: str
    fields: tuple[Field, ...]
    has_text: bool  # False for `evidence`: files, no text


@dataclass(frozen=True, slots=True, kw_only=True)
class Exercise:
    """An exercise: its answers in order and its criteria in order; a lesson's practice is one that earns no points."""

    id: str
    name: str
    answers: tuple[AnswerForm, ...]
    criteria: tuple[RubricCriterion, ...]
    placeholders: tuple[str, ...]  # template words that count as blank


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalog:
    """Everything that lessons, the grader and plan rules share, by id, in teaching order."""

    version: str
    rubric_version: str
    families: Mapping[str, Family]
    constraints: Mapping[str, Constraint]
    archetypes: Mapping[str, Archetype]
    priorities: Mapping[str, Priority]
    decisions: Mapping[str, Decision]
    bands: Mapping[str, ResourceBands]
    symptoms: Mapping[str, Symptom]
    mistakes: Mapping[str, Mistake]
    scenarios: Mapping[str, Scenario]
    questions: Mapping[str, Question]
    metrics: Mapping[str, Metric]
    exercises: Mapping[str, Exercise]  # graded
    practice: Mapping[str, Exercise]  # judged and never graded; by the lesson that holds it

    @property
    def tasks(self) -> Mapping[str, Exercise]:
        """Everything that has an answer cell: the graded exercises first, then practice."""
        return MappingProxyType({**self.exercises, **self.practice})
