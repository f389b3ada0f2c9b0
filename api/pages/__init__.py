"""The pages (网页): one module per desk, each with its ROUTER and its entries of the menu."""
