"""Casework (办理): the verbs officers use, each under the case's row lock, within the walls, on the record."""
