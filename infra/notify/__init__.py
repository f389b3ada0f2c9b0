"""Sending (通知发送): the channels outside, and the sender that empties the outbox into them."""
