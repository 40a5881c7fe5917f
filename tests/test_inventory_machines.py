"""Every recorded machine is read again, and what must hold for all of them is held."""

import json
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from workstation.catalog import load_catalog
from workstation.inventory import facts, from_document, read_from, render_table, surprises, to_document
from workstation.inventory._recorded import RecordedSource
from workstation.inventory.model import Inventory

MACHINES = sorted(path.parent for path in (Path(__file__).parent / "machines").glob("*/machine.toml"))
LINUX = [folder for folder in MACHINES if folder.name.startswith("linux-")]
PLACES_OF_PRIVATE_THINGS = {
    "files": {
        "/proc/sys/kernel/hostname": "zz-secret-host\n",
        "/etc/hostname": "zz-secret-host\n",
        "/etc/machine-id": "zz5ecretmachine\n",
        "/sys/class/dmi/id/product_serial": "ZZSERIAL\n",
        "/sys/class/dmi/id/board_serial": "ZZSERIAL\n",
        "/sys/class/net/zz00e04c680001/address": "aa:bb:cc:dd:ee:ff\n",
        "/sys/class/net/zz00e04c680001/operstate": "up\n",
        "/sys/class/net/zz00e04c680001/speed": "40000\n",
        "/sys/class/power_supply/BAT9/serial_number": "ZZSERIAL\n",
        "/sys/block/nvme0n1/device/serial": "ZZSERIAL\n",
    },
    "links": {"/sys/class/net/zz00e04c680001": "../../devices/pci0000:00/net/zz00e04c680001"},
    "variables": {"USER": "zz-secret-user", "HOME": "/home/zz-secret-user", "HOSTNAME": "zz-secret-host"},
}


@pytest.fixture(params=MACHINES, ids=lambda folder: folder.name)
def machine(request):
    return request.param


def about(folder):
    return tomllib.loads((folder / "about.toml").read_text(encoding="utf-8"))


def recording(folder):
    return tomllib.loads((folder / "machine.toml").read_text(encoding="utf-8"))


def read(folder) -> Inventory:
    return read_from(RecordedSource.load(folder / "machine.toml"), about(folder)["project"])


def expected(folder):
    return json.loads((folder / "expected.json").read_text(encoding="utf-8"))


def test_reads_the_facts_that_are_known_of_the_machine(machine):
    found = facts(read(machine))

    wanted = expected(machine)["facts"]

    assert {what: found[what] for what in wanted} == wanted


def test_exactly_the_expected_facts_are_unknown(machine):
    assert sorted(unknown.what for unknown in read(machine).unknowns) == expected(machine)["unknown"]


def test_the_first_surprise_is_the_expected_one(machine):
    assert surprises(read(machine), load_catalog())[0].id == expected(machine)["first_surprise"]


def test_every_fact_says_who_told_it_or_why_it_is_unknown(machine):
    assert unexplained(read(machine)) == []


def unexplained(inv):
    """List the facts without exactly one of source and reason; the limit, and battery power without one, need none."""
    unknown = {each.what for each in inv.unknowns}
    found = []
    for what, value in facts(inv).items():
        absent = value is None or value == "unknown"
        no_question = what == "power.on_battery" and inv.power.battery_present is False
        if what == "captured_at" or what.endswith(".source"):
            continue
        if no_question or (what == "memory.limit_bytes" and absent):
            fine = what not in unknown | set(inv.provenance)
        elif absent:
            fine = what in unknown and what not in inv.provenance
        else:
            fine = (what in inv.provenance) != (what in unknown) and (value == [] or what in inv.provenance)
        found += [] if fine else [what]
    return found


def test_unknowns_and_provenance_name_facts_that_exist_once(machine):
    inv = read(machine)
    paths = set(facts(inv))
    named = [each.what for each in inv.unknowns]

    assert set(named) | set(inv.provenance) <= paths
    assert len(named) == len(set(named))
    assert all(each.why and each.how_to_find_out for each in inv.unknowns)


def test_sizes_are_possible(machine):
    inv = read(machine)
    memory, pairs = inv.memory, [(volume.free_bytes, volume.total_bytes) for volume in both_volumes(inv)]
    pairs += [
        (memory.available_bytes, memory.usable_bytes),
        (memory.usable_bytes, memory.total_bytes),
        (memory.usable_bytes, memory.limit_bytes),
        (memory.swap_used_bytes, memory.swap_total_bytes),
        *((gpu.vram_used_bytes, gpu.vram_total_bytes) for gpu in inv.gpus),
    ]

    assert all(part <= whole for part, whole in pairs if part is not None and whole is not None)


def both_volumes(inv):
    return inv.storage.project, inv.storage.system


def test_nothing_private_is_in_the_document(machine):
    document = json.dumps(to_document(read(machine)))

    assert [text for text in about(machine)["private"] if text in document] == []


@pytest.mark.parametrize("machine", LINUX, ids=lambda folder: folder.name)
def test_planted_private_things_do_not_leak(machine):
    """Host, user, serials and addresses are put wherever Linux keeps them; none may come out."""
    planted = recording(machine)
    for table, entries in PLACES_OF_PRIVATE_THINGS.items():
        planted[table] = planted.get(table, {}) | entries
    for folder, name in (("/sys/class/net", "zz00e04c680001"), ("/sys/class/power_supply", "BAT9")):
        names = planted.setdefault("folders", {}).get(folder, [])
        planted["folders"][folder] = [*names, name]
    planted["platform"]["release"] += "-zz-secret-host-zz-secret-user"

    inv = read_from(RecordedSource(planted), "/home/zz-secret-user/course")

    text = json.dumps(to_document(inv)).lower()
    assert inv.network.link_mbps == 40000  # the planted interface was read
    for secret in ("zz", "secret", "aa:bb", "/home"):
        assert secret not in text


def test_document_is_read_back_exactly(machine):
    inv = read(machine)

    document = json.loads(json.dumps(to_document(inv)))

    assert from_document(document) == inv
    assert to_document(from_document(document)) == document


def test_table_fits_the_terminal_and_explains_every_unknown(machine):
    inv = read(machine)

    lines = render_table(inv).splitlines()

    assert max(map(len, lines)) <= 80
    assert sum("to find out:" in line for line in lines) == len(inv.unknowns)


def test_each_surprise_rests_on_facts_of_this_machine(machine):
    inv = read(machine)
    found = surprises(inv, load_catalog())

    assert len({surprise.id for surprise in found}) == len(found) >= 1
    for surprise in found:
        assert surprise.headline
        assert surprise.explanation
        assert set(surprise.basis) <= set(facts(inv)) | {"gpus"}


GARBAGE = ["", "\x00\xff", "-1\n", "max\n", "nan\n", "9" * 400 + "\n", ":\n::\n - \n", "a b c d e f g\n" * 50, "²\n"]


@pytest.mark.parametrize("garbage", GARBAGE, ids=range(len(GARBAGE)))
def test_garbage_in_every_file_is_survived(machine, garbage):
    """Whatever the kernel's files hold, a document comes out that can be read back."""
    broken = recording(machine)
    broken["files"] = dict.fromkeys(broken.get("files", {}), garbage)
    broken["links"] = dict.fromkeys(broken.get("links", {}), garbage)
    broken["commands"] = dict.fromkeys(broken.get("commands", {}), garbage)

    inv = read_from(RecordedSource(broken), "/x")

    assert from_document(to_document(inv)) == inv
    assert render_table(inv)


def test_each_file_and_command_may_be_missing(machine):
    """Taking any one away never raises, and nothing is left unexplained."""
    whole = recording(machine)
    for table in ("files", "commands"):
        for path in whole.get(table, {}):
            rest = {name: text for name, text in whole[table].items() if name != path}
            inv = read_from(RecordedSource(whole | {table: rest}), about(machine)["project"])
            assert from_document(to_document(inv)) == inv
            assert unexplained(inv) == [], path


@pytest.mark.parametrize(
    "problem", ["did not answer within 100 ms", "ended with code 9", "may not be run by this user"]
)
def test_every_command_may_fail(machine, problem):
    """Commands that hang, fail or are forbidden cost their facts, and the document says so."""
    broken = recording(machine)
    broken["command_problems"] = dict.fromkeys(broken.pop("commands", {}), problem)

    inv = read_from(RecordedSource(broken), about(machine)["project"])

    assert from_document(to_document(inv)) == inv
    assert unexplained(inv) == []


def test_recordings_are_told_apart_from_constructed_ones(machine):
    told = about(machine)

    assert isinstance(told["constructed"], bool)
    assert told["summary"]
    assert all(told.get("real", ["-"])), "texts that are real inside a constructed machine are named"


def test_there_are_as_many_machines_as_the_course_promises():
    assert len(MACHINES) >= 30


def test_an_inventory_is_immutable(machine):
    inv = read(machine)

    assert replace(inv) == inv
    with pytest.raises(AttributeError):
        inv.captured_at = "later"
