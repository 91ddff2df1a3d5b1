"""Doors: where people and machines ask. They read the clock, fetch what an act names, ask, keep, show.

A door parses words, calls one pure function, keeps what came out, and shows it. A rule about elections never
lives here. `cli` is the command line; `georgia_2020` replays a whole real election.
"""
