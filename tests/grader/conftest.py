"""Fixtures of the grading tests."""

from grading_fixtures import *  # noqa: F403 - fixtures are found by name
