"""One file a matter (事项): its plan and its Prefect flow. The registry finds them by walking this package."""
