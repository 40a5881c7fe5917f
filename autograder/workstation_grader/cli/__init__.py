"""`workstation-cohort`: the instructor's commands."""

from workstation_grader.cli._main import main

__all__ = ["main"]
