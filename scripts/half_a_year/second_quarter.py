"""April to June: an end that is announced, a break that is not made, one that is waived, and a major."""

from collections.abc import Iterator

from half_a_year import edits
from half_a_year.daily import FINDINGS, ask, deploy, hand_in, pin, propose, release
from half_a_year.first_quarter import hand_in_mobile
from half_a_year.stage import Stage

CONTRACT_TEST = "tests/test_contract.py app/resources/"


def play(stage: Stage) -> Iterator[int]:
    """Play one week after the other; yield the number of each that is over."""
    for step in (announce, suppliers_pages, hurting, waived, too_early, removed, no_way_back):
        yield step(stage)
    for step in (major, ui_follows, both_apps, old_api_stops):
        yield step(stage)


def announce(stage: Stage) -> int:
    """The correction on main, and an end announced."""
    stage.week(15, "the end of a field is announced")
    stage.by("ada")
    stage.says("The correction comes to main. Git cannot merge two pins, and `pin` says what to do.")
    stage.run("api", "git switch main", show=0)
    stage.run("api", "git merge hotfix", 1, show=r"^CONFLICT")
    stage.run("api", "scripts/contract pin 1.6.0", 2)
    stage.run("api", "git checkout --ours contract.json && git commit -am 'Merge the hotfix'", show=0)
    stage.says("`created_at` of categories shall go, with notice until 31 May.")
    stage.edit("api", "app/resources/categories/schemas.py", *edits.ANNOUNCED)
    propose(stage)
    stage.run("contracts", "scripts/contract check", show=FINDINGS)
    release(stage, "1.7.0")
    pin(stage, "api", "1.7.0")
    stage.test("api", f"{CONTRACT_TEST}categories app/resources/products/tests/test_list.py")
    stage.commit("api", "Announce the end of a category's created_at")
    deploy(stage, "api=1.7.0")
    return 15


def suppliers_pages(stage: Stage) -> int:
    """The UI gets the pages of the new resource."""
    stage.week(16, "pages of suppliers")
    stage.by("uma")
    stage.says("Two short files, by the recipe of the UI. A page that names no fields shows none that is deprecated.")
    pin(stage, "web", "1.7.0")
    stage.quietly("web", "mkdir -p suppliers/tests && touch suppliers/__init__.py suppliers/tests/__init__.py")
    for name, text in edits.SUPPLIER_PAGES.items():
        stage.write("web", name, text)
    stage.edit("web", "config/settings.py", *edits.APPS)
    stage.test("web", "suppliers products categories")
    hand_in(stage, "1.5")
    deploy(stage, "web=1.5")
    return 16


def hurting(stage: Stage) -> int:
    """A change that would hurt the app is taken back."""
    stage.week(17, "a change that would hurt the app")
    stage.by("ada")
    stage.says("The auditors want a note with each stock movement. The source of the app is not here, its usage is.")
    stage.edit("api", "app/resources/stock/schemas.py", *edits.NOTE)
    propose(stage)
    stage.run("contracts", "scripts/contract check", 1)
    stage.says("It waits for the next major. Ada takes it back, from the code and from the draft.")
    stage.run("api", "git checkout .", show=0)
    propose(stage)
    stage.run("contracts", "scripts/contract check", show=r"^The draft")
    return 17


def waived(stage: Stage) -> int:
    """A break that hurts nobody is waived."""
    stage.week(18, "a break that hurts nobody")
    stage.by("ada")
    stage.says("A bulk import of 500 products takes too long. 400 would do. It is a break, and nobody is hurt.")
    for name, changes in edits.SMALLER_BATCH.items():
        stage.edit("api", name, *changes)
    propose(stage)
    said = stage.run("contracts", "scripts/contract check", 1)
    name = next(line.split("name: ")[1].strip() for line in said.splitlines() if "name: " in line)
    waiver = f"## Waived\n\n- `{name}`: harmless to web and mobile, says the check of 3 May; no other consumer\n"
    stage.edit("contracts", "NEXT.md", ("## Waived\n", waiver))
    stage.run("contracts", "scripts/contract check", show=r"[Ww]aived|^The next")
    release(stage, "1.8.0")
    pin(stage, "api", "1.8.0")
    stage.test("api", f"{CONTRACT_TEST}products/tests/test_router.py app/resources/statistics")
    stage.commit("api", "Take 400 products in a batch")
    deploy(stage, "api=1.8.0")
    return 18


def too_early(stage: Stage) -> int:
    """The removal, before its day."""
    stage.week(21, "a week too early")
    stage.by("ada")
    stage.edit("api", "app/resources/categories/schemas.py", *edits.REMOVED)
    propose(stage)
    stage.run("contracts", "scripts/contract check", 1, show=FINDINGS)
    stage.says("The day is 31 May. Ada leaves it until then.")
    return 21


def removed(stage: Stage) -> int:
    """The removal, after its day; the UI first."""
    stage.week(22, "the field goes", weekday=1)
    stage.by("ada")
    stage.says("The day has come, and the same draft may be released.")
    stage.run("contracts", "scripts/contract check", show=FINDINGS)
    release(stage, "1.9.0")
    pin(stage, "api", "1.9.0")
    stage.test("api", f"{CONTRACT_TEST}categories")
    stage.commit("api", "Remove a category's created_at")
    stage.says("But the list of categories in the UI still has that column. Ada waits for Uma, who takes it out.")
    ask(stage, "api=1.9.0", "no")
    stage.by("uma")
    stage.edit("web", "categories/urls.py", (', "created_at")', ")"))
    stage.test("web", "categories")
    hand_in(stage, "1.6")
    deploy(stage, "web=1.6")
    stage.by("ada")
    deploy(stage, "api=1.9.0")
    return 22


def no_way_back(stage: Stage) -> int:
    """A rollback that is refused."""
    stage.week(23, "no way back")
    stage.by("uma")
    stage.says("Somebody misses the column. Uma would go back, and learns why not.")
    ask(stage, "web=1.5", "no")
    return 23


def major(stage: Stage) -> int:
    """A break that is meant."""
    stage.week(24, "a new major")
    stage.by("ada")
    stage.says("Now the note that is required. Everybody is told, and the new API runs beside the old one.")
    stage.quietly("api", "git branch 1.x")
    stage.edit("api", "app/resources/stock/schemas.py", *edits.NOTE)
    propose(stage)
    stage.run("contracts", "scripts/contract check", 1, show=FINDINGS)
    release(stage, "2.0.0", " 2.0.0")
    pin(stage, "api", "2.0.0")
    stage.says("The tests that send no note are red now. That is the break, and they are changed.")
    stage.test("api", f"{CONTRACT_TEST}stock", code=1)
    for name, changes in edits.NOTES_IN_TESTS.items():
        stage.edit("api", name, *changes)
    stage.test("api", f"{CONTRACT_TEST}stock app/resources/statistics")
    stage.commit("api", "Want a note with each stock movement")
    ask(stage, "api=2.0.0", "no")
    deploy(stage, "api=1.9.0 api=2.0.0")
    return 24


def ui_follows(stage: Stage) -> int:
    """The UI moves to the new major."""
    stage.week(25, "the UI moves to the new major")
    stage.by("uma")
    stage.says("The nightly job opens an issue, and pins nothing. Uma pins it by hand.")
    stage.run("web", "scripts/upgrade --major")
    pin(stage, "web", "2.0.0")
    stage.says("The form wants the note by itself, and its tests send one: nothing is edited.")
    stage.test("web", "stock products")
    hand_in(stage, "2.0")
    deploy(stage, "web=2.0")
    return 25


def both_apps(stage: Stage) -> int:
    """The new app, beside the old one."""
    stage.week(25, "the app follows", weekday=3)
    stage.by("mo")
    hand_in_mobile(stage, "2.0", edits.MOBILE_2)
    deploy(stage, "mobile=1.0 mobile=2.0")
    stage.by("ada")
    stage.says("Some telephones have the old app still. The old API has to stay.")
    ask(stage, "api=2.0.0", "no")
    return 25


def old_api_stops(stage: Stage) -> int:
    """The old API goes."""
    stage.week(26, "the old API stops", weekday=4)
    stage.by("mo")
    stage.says("The stores deliver 2.0 only, and 1.0 asks to be updated.")
    deploy(stage, "mobile=2.0")
    stage.by("ada")
    deploy(stage, "api=2.0.0")
    stage.says("At the end everything is tested in whole: the contracts, the API, the UI.")
    stage.run("contracts", "scripts/contract check", show=r"^The draft")
    stage.test("api")
    stage.by("uma")
    stage.test("web")
    stage.pull()
    stage.test("contracts")
    return 26
