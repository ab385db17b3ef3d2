"""The model code that travels with the checkpoint; train.py copies it beside the weights."""
