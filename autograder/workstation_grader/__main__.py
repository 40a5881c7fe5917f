"""Run `workstation-cohort` as ``python -m workstation_grader``."""

from workstation_grader.cli import main

raise SystemExit(main())
