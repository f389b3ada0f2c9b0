"""The sheet (表单): a form's JSON Schema drawn on a page, and what was filled in read back."""
