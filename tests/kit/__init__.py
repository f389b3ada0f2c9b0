"""What tests of several rings share: a hall full of officers and people who apply."""

PATIENCE = 180.0
"""How many seconds a test waits for what must come: a machine that stands still for a while is no defect of ours."""
