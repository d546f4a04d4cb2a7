"""How much of each sign-in limit is used up."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds the table that accounts/throttle.py counts in."""

    dependencies = (("accounts", "0002_roles"),)
    operations = (
        migrations.CreateModel(
            name="SignInLimit",
            fields=[
                ("key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("until", models.FloatField(db_index=True)),
            ],
        ),
    )
