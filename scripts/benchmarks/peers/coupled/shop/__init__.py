"""Products, coupled."""
