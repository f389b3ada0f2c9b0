"""Every query of the house (查询), one file a subject, functions named by intention; writes go through casework."""
