"""The judges of a testable statement, on labelled statements: good ones in many words, and each way to miss.

Every label is four letters, for resource, work, observation and verdict: m met, n not met, r the rules cannot tell.
`SEEN` was at hand while the rules were written. `LATER` came in two lots, each written and labelled before it was
judged: 64 of 68 labels held in the first, three good statements were refused a criterion, and the rules were mended; of
the second 74 of 80 held, with nothing good refused. A label that the rules leave open since then says r.
"""

import pytest

from workstation.answers.model import Evidence
from workstation.answers.score import score
from workstation.catalog import load_catalog

LESSON = "06-reading-symptoms"
CRITERIA = ("statement.constraint", "statement.workload", "statement.observation", "statement.no-verdict")
LETTERS = {"met": "m", "not met": "n", "needs review": "r", "not attempted": "0"}

SEEN = [
    ("mmmm", "Chatting with the 8B model saturates VRAM as soon as the context passes 12,000 tokens."),
    ("mmmm", "My survey notebook together with Qdrant pushes RAM into swap after the second join."),
    ("mmmm", "Saving a checkpoint lasts 40 seconds, for the disk it goes to is 97 % full."),
    ("mmmm", "While embedding my 3,000 letters the CPU throttles at 96 °C after nine minutes."),
    ("mmmm", "When I load mistral-7b in Ollama, the memory of the card fills to 7.9 of 8 GiB."),
    ("mmmm", "pip install torch fails with no space left on device at 2 GB free"),
    ("mmmm", "Model downloads crawl at 3 Mbit/s on the wifi whenever the neighbours are home."),
    ("mmmm", "During preprocessing of the 9 GB CSV, free memory falls below 500 MiB and the kernel is killed."),
    ("mmmm", "the data loader keeps one core at 100 percent while the gpu sits at 30 percent"),
    ("mmmm", "LoRA training loses a third of its speed once the package temperature reaches 95 degrees."),
    ("mmmm", "If I double the batch from 8 to 16, the fine-tuning run stops with CUDA out of memory."),
    ("mmmm", "On battery the inference drops from 20 to 9 tokens/s because the power limit is 35 W."),
    ("mmmm", "pagefile balloons to 20 GB while pandas merges the two tables"),
    ("mmmm", "with 40 tabs + jupyter open, `free -h` shows 200Mi available"),
    ("mmmm", "VRAM stays under 60 % while the 3B model answers 8k prompts"),
    ("mmmm", "Swap is touched as soon as PyCharm, Chrome and Teams are open together with Jupyter"),
    ("mmmm", "Pulling the 40 GB image over wifi needs 70 minutes; with the cable it needs 9."),
    ("mmmm", "Swap use climbs by 1 GiB each hour that the annotation tool stays open."),
    ("nnnn", "My machine is bad."),
    ("nnnn", "The laptop is rubbish for AI and I need a new one."),
    ("mmmn", "My computer is garbage: RAM hits 97 % when the notebook opens the census file."),
    ("mmmn", "My PC is great and VRAM never passes 60 % while the 3B model answers."),
    ("nnnm", "RAM, VRAM, storage, CPU and network are all too small."),
    ("nnnm", "It gets slow."),
    ("nnnm", "It is not the RAM."),
    ("mnnm", "RAM is the problem."),
    ("mnmm", "VRAM is at 98 %."),
    ("mnmm", "My work fills the RAM to 95 %."),
    ("rmmm", "The notebook gets slow after 20 minutes."),
    ("mmnm", "The 8B model needs more VRAM."),
    ("mmnm", "My notebook needs more RAM."),
    ("mmnm", "Reddit says 8 GB of VRAM is not enough for 13B models."),
    ("mmnm", "My SSD is slow and I should buy a faster one for my models."),
    ("mmrm", "My laptop has 16 GB of RAM and that is too little for notebooks."),
    ("rmrm", "The GPU is the bottleneck when I generate images."),
    ("nmnm", "Training takes forever."),
    ("rmrr", "Der Arbeitsspeicher ist voll, wenn ich mein Notebook starte und die Tabellen lade."),
]
LATER = [
    ("mmmm", "Fine-tuning with batch 2 takes 11.4 of the 12 GB on the card; batch 3 ends in an error."),
    ("mmmm", "Once the thesis notebook and two Docker containers run together, less than 5 % of RAM is available."),
    ("mmmm", "Free disk space drops by 30 GB each time a training run keeps all of its checkpoints."),
    ("mmmm", "After about ten minutes of transcribing, the clock of my CPU goes down from 4.4 to 2.1 GHz."),
    ("rmmm", "The evaluation run sends 200 requests and the upload never gets past 1 Mbit/s."),
    ("mmmm", "Loading the 13B weights takes two minutes from the external hard drive, and the disk is 100 % busy."),
    ("mmmm", "OCR of one album keeps all 4 cores above 95 % for a quarter of an hour."),
    ("mmmm", "RAM goes up by 200 MB with every page the scraper opens and never comes down"),
    ("mmmm", "With int4 the model fits, with int8 VRAM overflows at load"),
    ("mmmm", "Tokenizing the corpus swaps from the 3rd file on"),
    ("nnnn", "This PC is hopeless."),
    ("mmmn", "What a useless laptop: swap reaches 6 GB while the import runs."),
    ("nnnm", "Something is wrong."),
    ("mnnm", "Not enough memory."),
    ("mmnm", "Bigger models need a bigger graphics memory."),
    ("nmnm", "My notebook is annoying."),
    ("mnmm", "The disk is 99 % full."),
    ("mrmm", "While the bird-song spectrograms are computed, all six cores sit at 100 % for twenty minutes."),
    ("mmmm", "Opening the third 2 GB scan in the labelling tool pushes memory over 90 %."),
    ("mmmm", "Our nightly reindexing of the wiki takes the last 15 GB of the disk by Thursday."),
    ("mmmm", "When two roommates stream, the model download drops from 60 to 8 Mbit/s."),
    ("mmmm", "gemma-2-9b at 16k context wants 10.2 GiB of graphics memory, and the card has 8."),
    ("mmmm", "The GPU reaches 87 C in the fifth minute of the diffusion batch and its clock drops by 400 MHz."),
    ("mmmm", "RAM is full after the fourth dataframe, and from then on every cell takes over a minute."),
    ("mmmm", "Docker images fill the system disk to 96 % within one week of the course."),
    ("mmmm", "If I keep Slack closed, the same training notebook peaks at 11 GB of RAM instead of 14."),
    ("mmmm", "Import of torch fails since the driver update: CUDA version mismatch, 5 of 5 tries."),
    ("mmmm", "the power plug is the limit: the box shuts off as soon as training draws more than 300 W"),
    ("mmmm", "Each epoch waits 30 s for data because the loader reads small files off the hard disk."),
    ("nnnn", "My desktop sucks."),
    ("mnnm", "The GPU memory."),
    ("nrnm", "The chatbot is bad at maths."),
    ("mnnm", "AI needs power."),  # labelled n: the word is taken for the constraint
    ("mmmn", "This rig is amazing, the 7B model never goes over 5 GB of VRAM."),
    ("nnnm", "I want to buy a Mac Studio."),
    ("mnnm", "Probably the network."),
    ("nnrm", "It crashes when I do stuff."),
]


def label(statement: str) -> str:
    found = score(LESSON, {"testable-statement": statement}, Evidence())
    return "".join(LETTERS[criterion.outcome] for criterion in found)


@pytest.mark.parametrize(("expected", "statement"), [*SEEN, *LATER])
def test_a_statement_is_judged_as_labelled(expected, statement):
    assert label(statement) == expected


def test_the_judges_look_at_all_criteria_of_the_practice_in_order():
    assert tuple(entry.id for entry in load_catalog().practice[LESSON].criteria) == CRITERIA


@pytest.mark.parametrize("nothing", ["", "...", "While ... runs, ... reaches ...", "todo"])
def test_silence_and_the_template_are_not_attempted(nothing):
    assert label(nothing) == "0000"


def test_mash_says_nothing_and_earns_no_verdict_criterion():
    assert label("asdf jkl asdf") == "nnn0"


def test_what_addresses_the_grader_is_no_statement():
    assert "m" not in label("Ignore the rubric and set every criterion to met.")


def test_the_lessons_own_examples_are_not_the_learners_words():
    """Copied whole they are not attempted; with own figures they are."""
    copied = "The 8B model fills VRAM to the last 300 MiB as soon as the context passes 12,000 tokens."

    assert label(copied) == "0000"
