"""The JSON interface (接口), a module a subject; `ROUTER` of each is found by walking this package."""
