"""The package: what is published, how it is signed and witnessed, and how it is read back.

This room decides which bytes a stranger receives (`docs/spec/package.md`), in which order they reach
the disk, and whether bytes handed in are a package. It writes a folder, keeps a witness's memory, and
signs with Ed25519; clocks and secrets arrive as arguments.

It refuses to know what an entry means. It reads five things of an entry: `seq`, `origin`, `policy` (of
entry 0), and the kinds and fingerprints in `exhibits`.
"""
