"""The table of the Georgia 2020 demonstration: the state's own published figures, as small files.

Package data for the doors that replay the election. `sources.csv` says what each file holds and where it
comes from; `tools/compile_georgia_2020.py` makes the files from the public records. Nothing is imputed.
"""
