"""The simulated day (模拟工作日): the demo day played through the HTTP API, as window and departments would."""
