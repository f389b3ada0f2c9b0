"""What is asked (问什么): vocabulary, fields that check themselves, the intake head, matters' forms, messages."""
