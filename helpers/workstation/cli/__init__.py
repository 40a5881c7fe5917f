"""The learner's command line: ``workstation lab|reset|submit|inventory``."""

from workstation.cli._main import main

__all__ = ["main"]
