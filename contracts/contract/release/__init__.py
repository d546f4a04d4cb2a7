"""What was released, what a draft would be, and making a release of it."""
