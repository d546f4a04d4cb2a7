"""What a comparison finds, as data, and every sentence that is made from it."""
