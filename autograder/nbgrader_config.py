"""How nbgrader grades this course: by reading answers as data, never by running them.

It fails closed. Nothing is imported and nothing is computed here; every step is named as a dotted string, so a missing
package stops nbgrader before it converts anything. Submissions wait in ``collected/``, a folder that a stock nbgrader
does not look into: without this file, or with a broken one, there is nothing for it to execute.
`workstation-cohort` also sets TRAITLETS_APPLICATION_RAISE_CONFIG_FILE_ERROR, which makes a broken file an error.
"""

c = get_config()

c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "exercises"
c.CourseDirectory.submitted_directory = "collected"

# Releasing: each field's solution goes, its label and the %%answer line stay.
c.ClearSolutions.code_stub = {"python": ""}

# Collecting: plain files only, whose they are by their owner; nbgrader's own follows learners' links.
c.ExchangeFactory.collect = "workstation_grader.collecting.CollectPlainFiles"

# Grading: the two passes of nbgrader's autograde, both ours; Execute appears in neither.
c.Autograde.exporter_class = "workstation_grader.steps.SubmissionExporter"
c.Autograde.sanitize_preprocessors = ["workstation_grader.steps.RebuildFromMaster"]
c.Autograde.autograde_preprocessors = [
    "workstation_grader.steps.ScoreAnswers",
    "nbgrader.preprocessors.AssignLatePenalties",
]
c.Execute.enabled = False

# Feedback: our own pages, without tests, tracebacks or a learner's markup.
c.GenerateFeedback.exporter_class = "workstation_grader.steps.FeedbackExporter"
c.GenerateFeedback.preprocessors = []

# ---- Yours to change, below this line -------------------------------------------------------------------------------

c.CourseDirectory.course_id = "home-ai-workstation"
# c.CourseDirectory.db_url = "postgresql://..."   (default: gradebook.db in this folder)
# c.Exchange.root = "/srv/nbgrader/exchange"      (default: nbgrader's own; learners need the same line)
