"""Tell an example recording on a plain page: what it shows in words and as a table, and what was found, folded."""

from html import escape

from workstation.diagnosis import diagnose
from workstation.notebook.diagnosis_card import found_html
from workstation.notebook.recording_words import headline, table_html
from workstation.recording import example_recording

__all__ = ["recording_twin"]


def recording_twin(name: str) -> str:
    """Give the HTML that stands for a recording that ships with the course.

    Raises:
        RecordingError: there is none of that name.
    """
    recording = example_recording(name)
    found = f"<details><summary>What was found in it</summary>\n{found_html(diagnose(recording))}\n</details>"
    told = f"<p><strong>The recording {escape(name)}.</strong> {escape(headline(recording))}</p>"
    return f'<div class="runs">{told}\n{table_html(recording)}\n{found}</div>'
