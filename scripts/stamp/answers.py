"""The answers of the menu: what may be answered, and what it means."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace

PARTS = ("contracts", "api", "web")
LICENSES = ("MIT", "Apache-2.0", "proprietary")
HOSTS = ("github", "gitlab")
NO_SAMPLE = "sample=none"
# The lines of files that contain the names have a limited length.
NAME_LENGTH = SLUG_LENGTH = 30


_NAME = re.compile(r"[^\W_]([\w .-]*[\w.])?")
_SLUG = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


class Refused(Exception):
    """Why nothing can be made; one line that says what to do."""


def check_name(name: str) -> None:
    """Raise Refused unless the name may stand in any file, quoted or not."""
    if not _NAME.fullmatch(name) or len(name) > NAME_LENGTH:
        raise Refused(f"product_name {name!r}: use up to {NAME_LENGTH} letters, digits, spaces, dots and dashes")


def check_slug(slug: str) -> None:
    """Raise Refused unless repositories, images and databases may be called so."""
    if not _SLUG.fullmatch(slug) or len(slug) > SLUG_LENGTH:
        raise Refused(f"product_slug {slug!r}: use lower-case words joined by '-', up to {SLUG_LENGTH} characters")


@dataclass(frozen=True)
class Answers:
    """What a person answered; an answer that an older template did not ask for has its default."""

    product_name: str
    product_slug: str
    repositories: str = "all"
    license: str = "MIT"
    ci: str = "github"

    @classmethod
    def read(cls, given: Mapping[str, object]) -> "Answers":
        """Return the checked answers of a cookiecutter context; raises Refused."""
        names = {field.name for field in fields(cls)}
        answers = cls(**{name: str(value) for name, value in given.items() if name in names})
        answers = replace(answers, product_name=unicodedata.normalize("NFC", answers.product_name.strip()))
        answers.check()
        return answers

    def check(self) -> None:
        """Raise Refused for the first answer that cannot be used."""
        check_name(self.product_name)
        check_slug(self.product_slug)
        choices = {
            "repositories": [f"{one}{end}" for one in ("all", *PARTS) for end in ("", f" {NO_SAMPLE}")],
            "license": LICENSES,
            "ci": HOSTS,
        }
        for field, allowed in choices.items():
            if getattr(self, field) not in allowed:
                raise Refused(f"{field} {getattr(self, field)!r}: choose one of {', '.join(allowed)}")

    @property
    def sample(self) -> bool:
        """Whether the sample domain comes along."""
        return not self.repositories.endswith(NO_SAMPLE)

    @property
    def parts(self) -> tuple[str, ...]:
        """Return the repositories to make."""
        chosen = self.repositories.split()[0]
        return PARTS if chosen == "all" else (chosen,)

    @property
    def folder(self) -> str:
        """Return what is made: one repository, or a folder around the three."""
        chosen = self.repositories.split()[0]
        return self.product_slug if chosen == "all" else f"{self.product_slug}-{chosen}"

    def only(self, part: str) -> "Answers":
        """Return the answers that make one repository."""
        return replace(self, repositories=part if self.sample else f"{part} {NO_SAMPLE}")

    def to_json(self) -> dict[str, str]:
        """Return them by name."""
        return asdict(self)
