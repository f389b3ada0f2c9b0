"""How a case moves (办件怎么走): lifecycle, joins, access, the verbs officers use, the passes of Prefect."""
