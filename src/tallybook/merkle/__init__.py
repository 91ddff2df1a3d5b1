"""Hashes and bytes: the tree, canonical JSON, signed notes, checkpoints, policies, receipts.

This room decides whether bytes are what they claim to be: one canonical form per value, one root per
list of entries, one text per checkpoint. It follows RFC 6962 (tree), RFC 8785 (JSON) and the C2SP
specifications signed-note, tlog-checkpoint, tlog-cosignature, tlog-tiles, tlog-policy, tlog-proof and
tlog-witness; where `docs/spec/package.md` is narrower, it governs.

It refuses to know what an election is, where a file lies, what time it is, and how a signature is made
or verified: whoever needs a signature checked passes a function that does it. Every malformed input
raises `EvidenceError`, whose sentence says what was found and what was expected.
"""
