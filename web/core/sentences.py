"""What the pages say about forms: one table, ready for Django's translations."""

from django.utils.translation import gettext_lazy as _

SIGN_IN_TO_GO_ON = _("Sign in to go on. What you typed is kept.")
OLDER_DROPPED = _("An older form that waited for you to sign in had to make room.")
LOST = _(
    "A form that you sent before, and that waited for you to sign in, is not there any more: only "
    "the newest few are kept. Look whether it is still open in another tab, or type it again."
)
TYPED_BEFORE = _(
    "Not saved yet. This is what you typed before you signed in: look it through, then send it."
)
START_OVER = _("Start over instead")
SHOWN_AGAIN = _(
    "Not saved yet. This page was out of date. What you typed is still here: look it through, then "
    "send it again. If this comes back, allow cookies for this site."
)
SIGN_IN_AGAIN = _(
    "This page was out of date. Type your password once more. If this comes back, allow cookies "
    "for this site."
)
NOTHING_LOST = _("Nothing you typed is lost, and nothing is saved twice.")
COPY = _("Copy what you still need.")
OLD_PART = _("This part of the list is not there any more. Start over.")
NOT_SAVED_YET = _("Not saved yet")
THERE_IS_A_PROBLEM = _("There is a problem")
NOTHING_CHOSEN = _("Nothing chosen")
NOT_ACCEPTED = _("This value is not accepted.")
ENTRY = _("Entry %(entry)s: %(sentence)s")
CHOOSE = _("Choose one of those that are offered.")
CHOOSE_FROM = _("Choose one of these: %(values)s.")
LIKE = _("Write it like this: %(example)s.")
AS_DESCRIBED = _("This does not fit: %(description)s.")
NOT_SHOWN = _("Remove the sign that cannot be shown.")
NOT_IN_FORM = _("This is not in the expected form.")

# What to do about each rule of JSON Schema; ``limit`` is the contract's.
RULES = {
    "required": _("Fill this in."),
    "additionalProperties": _("This cannot be sent here."),
    "minLength": _("Write at least %(limit)s characters."),
    "maxLength": _("Write at most %(limit)s characters."),
    "minimum": _("Write %(limit)s or more."),
    "maximum": _("Write %(limit)s or less."),
    "exclusiveMinimum": _("Write more than %(limit)s."),
    "exclusiveMaximum": _("Write less than %(limit)s."),
    "multipleOf": _("Write a multiple of %(limit)s."),
    "minItems": _("Name at least %(limit)s."),
    "maxItems": _("Name at most %(limit)s."),
}
TYPES = {
    "string": _("Write a text."),
    "integer": _("Write a whole number."),
    "number": _("Write a number."),
    "boolean": _("Choose yes or no."),
    "array": _("Write a list, with commas between."),
    "object": _("This is not in the expected form."),
}
FORMATS = {
    "date": _("Write a day, like 2026-11-23."),
    "date-time": _("Write a day and a time, like 2026-11-23T08:30."),
    "time": _("Write a time, like 08:30."),
    "uuid": CHOOSE,
    "email": _("Write an email address, like name@example.com."),
    "uri": _("Write an address, like https://example.com."),
}
