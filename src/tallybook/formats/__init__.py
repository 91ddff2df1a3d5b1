"""Vendors' and standard files into the nouns of an election, with every problem collected.

This room reads bytes and says what they hold: cast vote records, and the problems met on the way, each
with its place and how to mend it. A partial or contradictory export gives problems and no records, so
that nothing is counted from it in silence. It refuses to know who has won, the law, and the disk: a
folder comes in as names and readers (``archives.Folder``), and nothing is opened here.
Besides what every pure room admits it uses python-calamine and xlsxwriter for spreadsheets, and lxml and
defusedxml for XML from strangers.
"""
