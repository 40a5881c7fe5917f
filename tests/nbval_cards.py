"""A plugin for nbval: a cell whose card says that something went wrong has failed, though no error left it.

Learners never see a traceback, so a lesson that calls the toolbox wrongly runs to its end and shows a card. nbval alone
would let it pass.
"""

import pytest

NOTHING_YET = "No recording here ended badly."  # what a learner is told whose kernel never died: as it should be
WENT_WRONG = ('aria-label="Something is missing"', 'aria-label="Could not check"')


def wrong_cards(outputs: list) -> list[str]:
    """Give the plain text of every card among *outputs* that says something went wrong."""
    shown = [output["data"] for output in outputs or () if "data" in output]
    wrong = [data for data in shown if any(sign in data.get("text/html", "") for sign in WENT_WRONG)]
    return [text for data in wrong if not (text := str(data.get("text/plain"))).startswith(NOTHING_YET)]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item):
    """Look at what a cell showed once it has run."""
    done = yield
    if wrong := wrong_cards(getattr(item, "test_outputs", None)):
        pytest.fail(f"{item.name} shows: {' / '.join(wrong)}", pytrace=False)
    return done
