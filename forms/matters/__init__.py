"""One file a matter (事项): what its form asks."""
