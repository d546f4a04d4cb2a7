"""What each team does again and again: release a contract, pin it, ask, deploy."""

from half_a_year.stage import Stage

FINDINGS = r"^(Breaking|Compatible|  \S|      breaks|      harmless|breaking|compatible|The next|  {6}name)"


def release(stage: Stage, version: str, options: str = "") -> None:
    """Release the draft in contracts, and publish it."""
    stage.run("contracts", f"scripts/contract release{options}", show=r"^released")
    stage.commit("contracts", f"Release {version}")
    stage.quietly("contracts", f"git tag v{version} && git push -q origin v{version}")


def propose(stage: Stage, options: str = "", code: int = 0) -> None:
    """Propose what the API's code serves."""
    stage.pull()
    stage.run("api", f"scripts/contract propose{options}", code)


def pin(stage: Stage, part: str, version: str) -> None:
    """Pin a release from the address of the contracts."""
    stage.run(part, f"scripts/contract pin {version}", show=r"^(note|pinned|client|generated)")


def ask(stage: Stage, what: str, answer: str) -> None:
    """Ask whether something may be deployed; the story knows the answer."""
    stage.pull()
    said = stage.run("contracts", f"scripts/contract can-i-deploy {what} --to production", int(answer == "no"))
    assert f": {answer}" in said, said


def deploy(stage: Stage, what: str) -> None:
    """Deploy what may be deployed, and record it, as the deploy job does."""
    ask(stage, what, "yes")
    stage.run("contracts", f"scripts/contract deployed {what} --to production", show=0)
    stage.commit("contracts", f"Production runs {what}")
    stage.use_production()


def hand_in(stage: Stage, version: str) -> None:
    """Release a version of the UI: what it uses goes to the contracts."""
    stage.run("web", "scripts/contract verify", show=r"^pinned")
    stage.run("web", "scripts/contract usage", show=0)
    stage.commit("web", f"Version {version}")
    tell_usage(stage, version)


def tell_usage(stage: Stage, version: str) -> None:
    """Hand in what the UI's files say that it uses."""
    stage.quietly("web", f"git tag v{version} && git push -q origin v{version}")
    stage.built("web", version)
    stage.pull()
    stage.run("contracts", f"scripts/contract consumer add ../blue-sky-web/usage.json --version {version}", show=0)
    stage.commit("contracts", f"What web {version} uses")
