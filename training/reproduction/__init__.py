"""What `reproduce.py` is made of: the load in a process of its own, what is seen in it, the report, its sentences."""
