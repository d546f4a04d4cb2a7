"""Make people who are signed in; print the cookie of each as JSON. usage: people.py COUNT."""

import json
import sys

import django


def main(count: int) -> None:
    """Make them editors, who may do everything."""
    django.setup()
    from django.conf import settings
    from django.contrib.auth import get_user_model
    from django.contrib.auth.models import Group, Permission
    from django.test import Client

    editors = Group.objects.get(name="editors")
    editors.permissions.set(Permission.objects.filter(content_type__app_label="shop"))
    cookies = []
    for number in range(count):
        user = get_user_model().objects.create_user(f"person-{number}@example.com")
        user.groups.add(editors)
        client = Client()
        client.force_login(user)
        name = settings.SESSION_COOKIE_NAME
        cookies.append(f"{name}={client.cookies[name].value}")
    print(json.dumps(cookies))


if __name__ == "__main__":
    main(int(sys.argv[1]))
