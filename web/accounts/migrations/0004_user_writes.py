"""Adds how often somebody has written."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds the column; the release before this one leaves it alone."""

    dependencies = (("accounts", "0003_sign_in_limit"),)
    operations = (
        migrations.AddField(
            model_name="user",
            name="writes",
            field=models.PositiveBigIntegerField(db_default=0, default=0, editable=False),
        ),
    )
