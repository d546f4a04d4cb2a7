"""The five spellings of the placeholder, and what replaces each."""

import re
from collections.abc import Callable

from stamp.answers import Answers

PLACEHOLDERS = ("Corner Shop", "corner-shop", "corner_shop", "CORNER_SHOP", "CornerShop")


def replacer(answers: Answers) -> Callable[[str], str]:
    """Return the function that puts the product's name where the placeholder stands."""
    words = answers.product_slug.split("-")
    snake = "_".join(words)
    camel = "".join(word.capitalize() for word in words)
    spellings = (answers.product_name, answers.product_slug, snake, snake.upper(), camel)
    table = dict(zip(PLACEHOLDERS, spellings, strict=True))
    pattern = re.compile("|".join(map(re.escape, PLACEHOLDERS)))
    return lambda text: pattern.sub(lambda match: table[match[0]], text)
