"""Every SELECT of categories."""

from app.database.functions import contains, lower
from app.http.listings import Filter, Sort, list_table
from app.resources.categories.models import Category
from app.resources.categories.schemas import CategoryQuery

FEW = "There are few categories: they are sorted and searched in memory."
LISTING = list_table(
    Category,
    CategoryQuery,
    sorts={"name": Sort(lower(Category.name)), "created_at": Sort(Category.created_at, FEW)},
    filters={"q": Filter(contains(Category.name, "q"), FEW)},
)
