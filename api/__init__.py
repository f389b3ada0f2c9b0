"""How people reach it (怎么用): the JSON interface and the `lianban` command line."""
