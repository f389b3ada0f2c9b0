"""The demo (演示): a synthetic organisation and synthetic people; nobody and no telephone here is real."""
