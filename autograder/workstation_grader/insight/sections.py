"""Gather the parts of the page, in its order."""

from collections.abc import Iterator

from workstation_grader.insight.confusion import confusion
from workstation_grader.insight.copies import copies
from workstation_grader.insight.criteria import criteria
from workstation_grader.insight.files import files
from workstation_grader.insight.machines import machines
from workstation_grader.insight.model import Cohort, Section
from workstation_grader.insight.predictions import predictions
from workstation_grader.insight.queue import queue
from workstation_grader.insight.shared import shared
from workstation_grader.insight.timeline import timeline

__all__ = ["sections_of"]


def sections_of(cohort: Cohort) -> list[Section]:
    """Count everything that the page shows, in its order: what an instructor acts on first."""
    return list(_sections(cohort))


def _sections(cohort: Cohort) -> Iterator[Section]:
    entries = cohort.entries
    yield criteria(cohort)
    if (wrong := confusion(cohort)) is not None:
        yield wrong
    yield queue(cohort)
    yield copies(entries)
    yield shared(entries)
    yield timeline(entries)
    yield predictions(entries)
    yield machines(entries)
    yield files(entries)
