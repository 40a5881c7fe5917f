"""A class on a real JupyterHub: an instructor and two learners, each a user of this system, from release to feedback.

Long (an environment is installed and three JupyterLabs start), so it runs with the soak tests. Set
WORKSTATION_HUB_FOLDER to a folder that every user can reach, and the environment is kept there for the next run.
"""

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from browser_kit import poll, screenshot
from grading_kit import EXERCISE, ROOT, SOLUTION
from hub_browser_kit import Formgrader, answer_exercise, assignments, in_kernel
from hub_kit import ClassServer, copy_checkout, why_not
from playwright.sync_api import Browser, Page, expect

from workstation_grader.marks import read_marks
from workstation_grader.selftest import model_answers

pytestmark = [pytest.mark.browser, pytest.mark.soak]

COURSE = "home-ai-workstation"
MARK = "zebra-finch-{name}"  # stands in each learner's answer, and nowhere else

SPY = (ROOT / "tests/hub_spy.py").read_text(encoding="utf-8")  # run by a learner's own kernel


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClassServer]:
    """A class server that runs; whatever happens, its users, homes and processes are gone at the end."""
    if reason := why_not():
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"No class server here: {reason}")
    base = tmp_path_factory.mktemp("class")
    prepared = os.environ.get("WORKSTATION_HUB_FOLDER")
    folder = Path(prepared or tempfile.mkdtemp(prefix="workstation-hub-", dir="/var/tmp"))  # every user must reach it
    server = ClassServer(copy_checkout(base / "checkout"), folder, learners=["ada", "bob"])
    try:
        server.set_up()
        server.expose_lab()
        server.start()
        yield server
    finally:
        server.close()
        for place in [folder / name for name in ("exchange", "instructor", "state")] if prepared else [folder]:
            shutil.rmtree(place, ignore_errors=True)


@pytest.fixture(scope="module")
def people(hub: ClassServer, browser: Browser) -> Iterator[SimpleNamespace]:
    """The three, each logged in, in windows that share nothing; the exercise is released before the learners come."""
    contexts = {name: browser.new_context(viewport={"width": 1280, "height": 900}) for name in ("teach", "ada", "bob")}
    for context in contexts.values():
        context.set_default_timeout(90_000)
    teach = hub.log_in(contexts["teach"], hub.instructor)
    formgrader = Formgrader(teach, hub)
    formgrader.press("assign")
    formgrader.press("release")
    ada, bob = (hub.log_in(contexts[name], f"wshubtest-{name}") for name in ("ada", "bob"))
    yield SimpleNamespace(teach=teach, ada=ada, bob=bob, formgrader=formgrader)
    for context in contexts.values():
        context.close()


def _hand_in(page: Page, name: str, answers: dict[str, str]) -> None:
    """Fetch the exercise, answer it with a mark of one's own, and submit it, as the Assignment List does it."""
    assignments(page, "released").get_by_role("button", name="Fetch").click()
    expect(page.locator("#fetched_assignments_list .list_item").first).to_be_visible()
    answer_exercise(page, answers | {"workload": f"{answers['workload']} {MARK.format(name=name)}"})
    assignments(page, "fetched").get_by_role("button", name="Submit").first.click()
    expect(page.locator("#submitted_assignments_list .list_item").first).to_be_visible()


def _fetch_feedback(hub: ClassServer, page: Page, learner: str) -> str:
    """Fetch the feedback by its button and give the page."""
    assignments(page, "submitted")
    page.locator("#submitted_assignments_list").get_by_text("Fetch Feedback").first.click()
    expect(page.locator("#submitted_assignments_list").get_by_text("view feedback").first).to_be_attached()
    pages = list((hub.home(learner) / COURSE / EXERCISE / "feedback").rglob("*.html"))
    assert len(pages) == 1
    return pages[0].read_text(encoding="utf-8")


def test_formgrader_is_the_instructors_alone(hub: ClassServer, people: SimpleNamespace) -> None:
    """It opens in the instructor's JupyterLab; a learner's has neither its menu entry nor its pages."""
    people.teach.goto(f"{hub.url}/user/{hub.instructor}/lab")
    poll(people.teach, "return app.commands.hasCommand('nbgrader:open-formgrader')")
    people.teach.evaluate("async () => { await jupyterapp.commands.execute('nbgrader:open-formgrader'); }")
    frame = people.teach.frame_locator("iframe").first
    expect(frame.locator("tr", has_text=EXERCISE).first).to_be_visible()

    for page, name in ((people.ada, "ada"), (people.bob, "bob")):
        poll(page, "return app.commands.hasCommand('nbgrader:open-assignment-list')")
        assert not page.evaluate("() => jupyterapp.commands.hasCommand('nbgrader:open-formgrader')")
        answer = page.request.get(f"{hub.url}/user/wshubtest-{name}/formgrader/manage_assignments")
        assert answer.status == 404


def test_the_working_copy_is_there_and_the_class_hands_the_exercise_out(hub: ClassServer, people: SimpleNamespace):
    """A learner starts on the first lesson; the released exercise is left to the exchange, the lessons are there."""
    copy = hub.home("wshubtest-ada") / COURSE

    assert people.ada.url.endswith("/lab/tree/course/00-start-here.ipynb")
    assert not (copy / "exercises" / EXERCISE).exists()
    assert (copy / "course/10-review.ipynb").is_file()


def test_from_release_to_feedback(hub: ClassServer, people: SimpleNamespace, tmp_path: Path) -> None:
    """Two learners fetch, answer and submit; the instructor collects, grades and gives back; each gets their own."""
    model = model_answers(SOLUTION, EXERCISE)
    _hand_in(people.ada, "ada", model)
    _hand_in(people.bob, "bob", model | {"archetype": "Archetype:\nBecause:\nMatters most:"})
    screenshot(people.bob, tmp_path / "shots", ["submitted"])

    people.formgrader.press("collect")
    for name in ("ada", "bob"):
        people.formgrader.autograde(f"wshubtest-{name}")
    people.formgrader.press("generate-feedback")
    people.formgrader.press("release-feedback")

    course = hub.home(hub.instructor) / f"{COURSE}-cohort"
    marks = read_marks(f"sqlite:///{course / 'gradebook.db'}", EXERCISE)
    ada, bob = marks["wshubtest-ada"], marks["wshubtest-bob"]
    assert ada.cells["check-archetype-1"].score == ada.cells["check-archetype-1"].max_score
    assert bob.cells["check-archetype-1"].score == 0
    assert 0 < bob.score < ada.score
    own = {name: _fetch_feedback(hub, getattr(people, name), f"wshubtest-{name}") for name in ("ada", "bob")}
    for name, other in (("ada", "bob"), ("bob", "ada")):
        assert MARK.format(name=name) in own[name]
        assert MARK.format(name=other) not in own[name]


def test_a_learner_reads_nothing_that_is_not_theirs(hub: ClassServer, people: SimpleNamespace) -> None:
    """Not as that user from a kernel: solutions, submissions, gradebook, feedback, the hub's keys, another's home."""
    teach, ada = hub.home(hub.instructor), hub.home("wshubtest-ada")
    exchange = hub.folder / "exchange" / COURSE
    course = teach / f"{COURSE}-cohort"
    for there in (
        course / "gradebook.db",
        course / "solutions",
        course / "feedback/wshubtest-ada",
        exchange / "inbound",
    ):
        assert there.exists()
    closed = [
        teach, course, course / "gradebook.db", course / f"solutions/{EXERCISE}/{EXERCISE}.ipynb", course / "collected",
        course / "feedback", course / "nbgrader_config.json", ada, ada / COURSE, exchange / "inbound",
        exchange / "feedback", hub.folder / "instructor", hub.folder / "instructor/checkout/solutions",
        hub.folder / "state", hub.folder / "state/settings.json", hub.folder / "state/jupyterhub.sqlite",
        hub.checkout, hub.checkout / "solutions", exchange / "outbound" / EXERCISE / f"{EXERCISE}.ipynb",
    ]  # fmt: skip
    readable_by_all = closed.pop()
    solved = model_answers(SOLUTION, EXERCISE)["constraint-summary"].splitlines()[-1]
    code = f"""{SPY}
folders = {[str(path) for path in (teach, ada, hub.folder, hub.checkout)]!r}
needles = {[MARK.format(name="ada"), solved, "BEGIN SOLUTION", "SQLite format 3"]!r}
import json
print(json.dumps({{**look(folders, needles), 'tried': tried({[str(path) for path in closed]!r})}}))"""

    said = json.loads(in_kernel(people.bob, code))

    assert said["found"] == []
    assert said["tried"] == []
    assert str(readable_by_all.parent) in said["listed"], "the spy did look around"
    own = in_kernel(
        people.ada, f"{SPY}\nprint(len(look([{str(ada / COURSE)!r}], {[MARK.format(name='ada')]!r})['found']))"
    )
    assert int(own) > 0, "the spy finds what there is to find"


def test_a_learner_moves_nothing_in_the_exchange(hub: ClassServer, people: SimpleNamespace) -> None:
    """Nobody but the instructor can rename the course, release, or put another's inbox in its place."""
    root = hub.folder / "exchange"
    code = f"""
import os
done = []
for act in (lambda: os.rename({str(root / COURSE)!r}, {str(root / "gone")!r}),
            lambda: os.rename({str(root / COURSE / "inbound")!r}, {str(root / COURSE / "gone")!r}),
            lambda: os.mkdir({str(root / COURSE / "outbound/planted")!r}),
            lambda: open({str(root / COURSE / "feedback/planted.html")!r}, 'w'),
            lambda: os.mkdir({str(hub.folder / "env/planted")!r}),
            lambda: open({str(hub.folder / "singleuser.py")!r}, 'a')):
    try:
        act(); done.append('did')
    except OSError as problem:
        done.append(type(problem).__name__)
print(done)"""

    assert in_kernel(people.bob, code).strip() == str(["PermissionError"] * 6)


def test_no_server_opens_to_another_learner(hub: ClassServer, people: SimpleNamespace) -> None:
    """Not in the browser with a learner's own cookies, and not straight at the ports without the hub."""
    refused = []
    for name in (hub.instructor, "wshubtest-ada"):
        for path in ("lab", "api/contents", "files/gradebook.db", f"files/{EXERCISE}/{EXERCISE}.ipynb", "formgrader/"):
            answer = people.bob.request.get(f"{hub.url}/user/{name}/{path}")
            refused.append(answer.status)
            assert MARK.format(name="ada") not in answer.text()
    asks = ("users", "users/wshubtest-ada", "proxy", "groups")
    refused += [people.bob.request.get(f"{hub.url}/hub/api/{path}").status for path in asks]
    assert set(refused) <= {403, 404}

    settings = json.loads((hub.folder / "state/settings.json").read_text(encoding="utf-8"))
    ports = [settings[name] for name in ("port", "hub_port", "proxy_port")]
    asked, opened = json.loads(
        in_kernel(
            people.bob,
            f"{SPY}\nimport json\nprint(json.dumps(knock({[hub.instructor, 'wshubtest-ada']!r}, {ports!r})))",
        )
    )
    assert opened == []
    assert asked >= 6 * (len(ports) + 2), "two single-user servers and the hub's own ports were there to ask"


def test_a_learners_own_server_leads_out_of_no_folder(hub: ClassServer, people: SimpleNamespace) -> None:
    """Dots, encoded dots and links in the learner's folder end where that user's rights end."""
    ada, course = hub.home("wshubtest-ada"), hub.home(hub.instructor) / f"{COURSE}-cohort"
    in_kernel(people.bob, f"import os\nos.chdir(os.path.expanduser('~/{COURSE}'))\n"
                           f"os.symlink({str(course)!r}, 'teach')\nos.symlink({str(ada)!r}, 'ada')")  # fmt: skip
    base = f"{hub.url}/user/wshubtest-bob"
    ways = [
        f"{kind}/{way}"
        for kind in ("files", "api/contents", "nbconvert/html", "view")
        for way in (
            "teach/gradebook.db", f"teach/solutions/{EXERCISE}/{EXERCISE}.ipynb",
            f"ada/{COURSE}/{EXERCISE}/{EXERCISE}.ipynb",
            f"..%2F..%2Fwshubtest-ada%2F{COURSE}%2F{EXERCISE}%2F{EXERCISE}.ipynb",
            f"%2e%2e/%2e%2e/wshubtest-teach/{COURSE}-cohort/gradebook.db",
        )
    ]  # fmt: skip

    answers = {way: people.bob.request.get(f"{base}/{way}") for way in ways}

    for way, answer in answers.items():
        assert answer.status >= 400, way
        assert MARK.format(name="ada") not in answer.text(), way
        assert "BEGIN SOLUTION" not in answer.text(), way


def test_kernels_listen_to_their_owner_only(hub: ClassServer, people: SimpleNamespace) -> None:
    """On files in a closed home instead of ports: whoever can reach a kernel's port reads all that it shows."""
    said = in_kernel(people.ada, "from ipykernel.connect import get_connection_info as g\nprint(g())")
    runtime = hub.home("wshubtest-ada") / ".local/share/jupyter/runtime"

    assert json.loads(said)["transport"] == "ipc"
    assert runtime.stat().st_mode & 0o077 == 0


def test_memory_is_limited_as_the_inventory_tells(hub: ClassServer, people: SimpleNamespace) -> None:
    """Enforced: past the limit the kernel dies, and JupyterLab stays. Else the inventory calls it announced."""
    code = """
import json, workstation as ws
inv = ws.inventory()
told = inv.provenance['memory.limit_bytes']
print(json.dumps([inv.memory.limit_bytes, told.confidence, told.source]))"""
    limit, confidence, source = json.loads(in_kernel(people.ada, code))

    assert limit == 1024**3
    enforced = "enforced by control groups" in hub.log.read_text(encoding="utf-8")
    assert confidence == ("measured" if enforced else "reported"), source
    if not enforced:
        return
    assert "KERNEL DIED" in in_kernel(people.ada, "x = bytearray(1_300_000_000)\nprint(len(x))")
    assert in_kernel(people.ada, "print(6 * 7)").strip() == "42"
