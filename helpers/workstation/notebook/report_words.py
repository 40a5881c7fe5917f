"""The report's own words: the titles of its parts, and for each what is missing and how to get it."""

TITLES = {
    "report": "My AI workstation: evidence, plan, recommendation",
    "workload": "The work of the next months",
    "archetype": "The set-up",
    "machine": "The machine",
    "recordings": "Recordings, and what they showed",
    "predictions": "Predictions against measurements",
    "summary": "Constraint summary",
    "plan": "The plan, simulated",
    "recommendation": "Recommendation",
    "unread": "What is there and could not be read",
}
HOW = {
    "workload": (
        "The work is not described yet.",
        "Write the workload paragraph in exercises/constraint-summary and save the notebook.",
    ),
    "archetype": (
        "The set-up is not named yet.",
        "Answer the archetype cell in exercises/constraint-summary and save the notebook.",
    ),
    "machine": ("There is no inventory on file.", "Run ws.capture_evidence() in a notebook of the course."),
    "worksheet": (
        "What no program can read of the machine is not filled in.",
        "Run ws.platform_worksheet() and answer what you can see or look up.",
    ),
    "recordings": (
        "No run has been recorded.",
        "Put “with ws.watch('name'):” above your own work, or run workstation watch -- COMMAND in a terminal.",
    ),
    "predictions": (
        "No prediction is on file.",
        "Predict with ws.predict(...) before you measure, then ws.compare(...).",
    ),
    "summary": (
        "The constraint summary is not written yet.",
        "Fill in the seven fields in exercises/constraint-summary and save the notebook.",
    ),
    "plan": (
        "There is no plan on file.",
        "Write the plan in exercises/staged-plan and save the notebook, or pass it: ws.report(plan=...).",
    ),
    "log": (
        "The plan was not tried on your own weeks: none is logged.",
        "Run ws.log_week() once a week; four weeks say more than any example.",
    ),
    "recommendation": (
        "The recommendation is not written yet.",
        "Write it in exercises/staged-plan and save the notebook.",
    ),
    "decision": ("The decision walk has not been taken.", "Run ws.decide() and answer with what is on file."),
    "prices": (
        "Buying and renting have not been compared.",
        "Look up prices, note the day, and run ws.buy_or_rent(...).",
    ),
}
