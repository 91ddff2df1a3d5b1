"""Keep: entries, acts, exhibits and checkpoints on one database, so that what was acknowledged stays."""
