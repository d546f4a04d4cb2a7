"""What the pages say about forms: one table, ready for Django's translations."""

from django.utils.translation import gettext_lazy as _

SIGN_IN_TO_GO_ON = _("Sign in to go on. What you typed is kept.")
TYPED_BEFORE = _(
    "Not saved yet. This is what you typed before you signed in: look it through, then send it."
)
SHOWN_AGAIN = _(
    "Not saved yet. This page was out of date. What you typed is still here: look it through, then "
    "send it again. If this comes back, allow cookies for this site."
)
NOTHING_LOST = _("Nothing you typed is lost, and nothing is saved twice.")
NOT_SAVED_YET = _("Not saved yet")
THERE_IS_A_PROBLEM = _("There is a problem")
NOTHING_CHOSEN = _("Nothing chosen")
