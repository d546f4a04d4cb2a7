"""The form of a page that asks before it deletes."""

from django import forms


class DeleteForm(forms.Form):
    """What the page carries: which version, and its name, so that no failure loses them."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    name = forms.CharField(widget=forms.HiddenInput, required=False, strip=False)
