"""Half a year of two teams and an app, played on three stamped repositories on three git hosts."""
