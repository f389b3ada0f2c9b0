"""Shared data (共享数据): asking other authorities' registries instead of the applicant for paper."""
