"""An update carries what a team has done over every move of the template: nothing is lost, and each conflict is named.

Each case is one thing that the template does with a folder of three files, and one that a team does there.
"""

import re
import sys

import pytest

from conftest import commit, git, run

LENGTH = 40
SAME, OTHER, LAST = 20, 5, LENGTH - 1  # lines of a file


class Room:
    """A case's folder, on one of the two sides."""

    def __init__(self, root, case):
        self.root, self.case = root, case

    def path(self, name):
        return self.root / "rooms" / self.case / name

    def lines(self, name):
        return self.path(name).read_text().splitlines()

    def write(self, name, lines):
        self.path(name).parent.mkdir(parents=True, exist_ok=True)
        self.path(name).write_text("\n".join(lines) + "\n")

    def begin(self):
        for name in ("old/a.py", "old/b.py", "old/c.py"):
            self.write(name, [f"{self.case} {name} line {number}" for number in range(LENGTH)])

    def edit(self, name, number, word):
        lines = self.lines(name)
        lines[number] = f"{self.case} {name} {word} {number}"
        self.write(name, lines)

    def move(self, source, target):
        self.path(target).parent.mkdir(parents=True, exist_ok=True)
        self.path(source).rename(self.path(target))

    def move_all(self, a, b, c):
        for source, target in {"a": a, "b": b, "c": c}.items():
            self.move(f"old/{source}.py", f"{target}/{source}.py")


def change(room, name="old/a.py"):
    room.edit(name, SAME, "template")


def move_file(room):
    room.move("old/a.py", "old/z.py")


def move_room(room):
    room.move_all("new", "new", "new")


def move_room_down(room):
    room.move_all("old/deep", "old/deep", "old/deep")


def split_room(room):
    room.move_all("one", "two", "three")


def then_change(move, name):
    def both(room):
        move(room)
        change(room, name)

    return both


def split_file(room):
    lines = room.lines("old/a.py")
    room.path("old/a.py").unlink()
    room.write("old/z.py", lines[:28])
    room.write("old/rest.py", lines[28:])


def delete(room):
    room.path("old/a.py").unlink()


def add(room):
    room.write("old/added.py", [f"{room.case} template {number}" for number in range(LENGTH)])


# What the template does, and where a.py is then.
TEMPLATE = {
    "nothing": (lambda room: None, "old/a.py"),
    "changes": (change, "old/a.py"),
    "moves a file": (move_file, "old/z.py"),
    "moves and changes a file": (then_change(move_file, "old/z.py"), "old/z.py"),
    "moves a room": (move_room, "new/a.py"),
    "moves and changes a room": (then_change(move_room, "new/a.py"), "new/a.py"),
    "moves a room down": (move_room_down, "old/deep/a.py"),
    "splits a room": (split_room, "one/a.py"),
    "splits and changes a room": (then_change(split_room, "one/a.py"), "one/a.py"),
    "splits a file": (split_file, "old/z.py"),
    "deletes": (delete, None),
    "adds": (add, "old/a.py"),
}


def edit_other(room):
    room.edit("old/a.py", OTHER, "team")


def edit_same(room):
    room.edit("old/a.py", SAME, "team")


def edit_last(room):
    room.edit("old/a.py", LAST, "team")


def move_mine(room):
    room.move("old/a.py", "mine/a.py")


def move_and_edit_mine(room):
    edit_other(room)
    move_mine(room)


def add_mine(room):
    room.write("old/mine.py", [f"{room.case} team mine {number}" for number in range(LENGTH)])


def add_theirs(room):
    room.write("old/z.py", [f"{room.case} team z {number}" for number in range(LENGTH)])


def add_added(room):
    room.write("old/added.py", [f"{room.case} team added {number}" for number in range(LENGTH)])


TEAM = {
    "nothing": lambda room: None,
    "edits other lines": edit_other,
    "edits the same line": edit_same,
    "edits the last line": edit_last,
    "deletes": delete,
    "moves": move_mine,
    "moves and edits": move_and_edit_mine,
    "adds a file beside": add_mine,
    "adds a file of a moved one's name": add_theirs,
    "adds a file of a new one's name": add_added,
}
CASES = [(template, team) for template in TEMPLATE for team in TEAM]
CHANGES = {name for name in TEMPLATE if "change" in name}
MOVES = {name for name in TEMPLATE if re.match("moves|splits", name)}


def is_conflict(template, team):
    """Tell whether a person has to decide."""
    return (
        (template in CHANGES and team == "edits the same line")
        or (template == "deletes" and re.match("edits|moves", team))
        or ("a file" in template and template in MOVES and team == "adds a file of a moved one's name")
        or (template == "splits a file" and team == "edits the last line")
        or (template == "adds" and team == "adds a file of a new one's name")
    )


def name_of(template, team):
    return re.sub(r"\W", "_", f"{template}--{team}")


class Played:
    """The cases, stamped, edited on both sides, and updated."""

    def __init__(self, template, folder, cases):
        self.cases = cases
        names = {(doing, team): name_of(doing, team) for doing, team in cases}
        for name in names.values():
            Room(template.folder / "api", name).begin()
        template.commit()
        self.repository = template.stamp(folder / "mine", "Blue Sky", "--only", "api")
        for (_, team), name in names.items():
            TEAM[team](Room(self.repository, name))
        commit(self.repository)
        for (doing, _), name in names.items():
            TEMPLATE[doing][0](Room(template.folder / "api", name))
        template.commit()
        self.done = run(sys.executable, self.repository / "scripts" / "update", check=False)
        self.files = {
            (doing, team): {
                str(path.relative_to(self.repository / "rooms" / name)): path.read_text()
                for path in (self.repository / "rooms" / name).rglob("*.py")
            }
            for (doing, team), name in names.items()
        }

    def said(self, case):
        """Return the lines that name a case."""
        return [line for line in self.done.stdout.splitlines() if f"rooms/{name_of(*case)}/" in line]


@pytest.fixture(scope="module")
def copies(template, tmp_path_factory):
    def make(name):
        copy = template.copy(tmp_path_factory.mktemp(name) / "template")
        return copy, copy.folder.parent

    return make


@pytest.fixture(scope="module")
def clean(copies):
    template, folder = copies("clean")
    return Played(template, folder, [case for case in CASES if not is_conflict(*case)])


@pytest.fixture(scope="module")
def conflicting(copies):
    template, folder = copies("conflicting")
    return Played(template, folder, [case for case in CASES if is_conflict(*case)])


def test_what_needs_no_decision_becomes_one_commit(clean, record_property):
    record_property("cases without a conflict", len(clean.cases))

    assert clean.done.returncode == 0, clean.done.stdout + clean.done.stderr
    assert git(clean.repository, "status", "--porcelain") == ""
    assert git(clean.repository, "rev-list", "--count", "HEAD") == "3"
    assert not [case for case in clean.cases if "<<<<<<<" in "".join(clean.files[case].values())]


def test_each_conflict_is_named_in_one_line_of_its_own(conflicting, record_property):
    record_property("cases with a conflict", len(conflicting.cases))

    assert conflicting.done.returncode == 1
    assert conflicting.done.stderr == ""
    for case in conflicting.cases:
        unmerged = {
            line.split("\t")[1]
            for line in git(conflicting.repository, "ls-files", "-u").splitlines()
            if f"/{name_of(*case)}/" in line
        }
        named = {line.strip().split(":")[0] for line in conflicting.said(case)}
        assert unmerged, case
        assert unmerged <= named, case


def test_lines_that_both_changed_have_markers_around_both(conflicting):
    for case in conflicting.cases:
        if case[1] == "edits the same line":
            assert case[0] not in CHANGES or "<<<<<<<" in conflicting.files[case][TEMPLATE[case[0]][1]], case


@pytest.mark.parametrize("played", ["clean", "conflicting"])
def test_no_line_of_the_team_or_of_the_template_is_lost(played, request, template, tmp_path):
    played = request.getfixturevalue(played)
    for case in played.cases:
        doing, team = case
        mine, theirs = (Room(tmp_path / side, name_of(*case)) for side in ("mine", "theirs"))
        for room in (mine, theirs):
            room.begin()
        TEAM[team](mine)
        TEMPLATE[doing][0](theirs)
        wanted = [line for room, word in ((mine, "team"), (theirs, "template")) for line in written(room, word)]
        if team == "deletes":
            wanted = [line for line in wanted if " added" in line or doing == "adds"]
        result = "".join(played.files[case].values())
        assert not [line for line in wanted if line not in result], case


def written(room, word):
    """Return the lines that one side has written."""
    folder = room.path("")
    return [line for path in folder.rglob("*.py") for line in path.read_text().splitlines() if f" {word} " in line]


def test_an_edit_goes_where_its_file_has_gone(clean):
    for case in clean.cases:
        doing, team = case
        place = TEMPLATE[doing][1]
        if team.startswith("edits"):
            assert " team " in clean.files[case][place], case
        if doing in CHANGES and not re.match("moves|deletes", team):
            assert " template " in clean.files[case][place], case
        if doing in MOVES:
            assert "old/a.py" not in clean.files[case], case


def test_a_file_that_the_team_deleted_stays_deleted_and_is_named(clean):
    cases = [case for case in clean.cases if case[1] == "deletes"]
    for case in cases:
        left = "".join(clean.files[case].values())
        assert f"{name_of(*case)} old/a.py line 0" not in left, case
        assert case[0] not in CHANGES or "stays deleted" in "".join(clean.said(case)), case
    assert len(cases) == len(TEMPLATE)


def test_a_file_that_the_team_added_follows_its_folder_or_a_line_says_where_that_went(clean):
    follows = {"moves a room": "new", "moves and changes a room": "new", "moves a room down": "old/deep"}
    stays = {"splits a room", "splits and changes a room"}
    for case in clean.cases:
        if case[1] == "adds a file beside":
            assert f"{follows.get(case[0], 'old')}/mine.py" in clean.files[case], case
            assert (case[0] in stays) == bool(clean.said(case)), case
