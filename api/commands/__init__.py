"""The commands of `lianban`, found by walking this package: a module's `COMMANDS` are functions, or groups of them."""
