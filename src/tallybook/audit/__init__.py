"""From a reported outcome to the evidence for it: what must be true, and how strongly a sample shows it.

This room decides which assertions together imply a reported outcome, what number each card's reading gives
an assertion, and by what margin the reported cards support it; then what to draw, what a reading differs by,
the risk measured, and what to do next. It refuses to know the law, files, clocks and dice: risk limits,
seeds and readings arrive as arguments.

Map, the assertions: ``assertions`` the claims about cards; ``claims`` and, as one door to all rules,
``outcome_claims`` from an outcome to its assertions;
``readings`` and ``assorters`` from patterns to tables of integers; ``margins`` what the reported cards say;
``raire`` and ``certificate`` ranked choice with cast vote records; ``awaire`` without them; ``stv`` what can
be shown of transferable voting.

Map, the evidence: ``evidence`` the one shape of it; ``polling``, ``comparison``, ``pools``, ``batches`` and
``strata`` its kinds, ``styles`` which cards can hold a contest; ``measuring`` the risk,
``strata_intervals`` what is true of several strata;
``deciding`` the next step and ``next_rounds`` its size; ``checks`` what is refused before the draw;
``planning``, ``other_plans``, ``pool_plans``, ``strata_plans`` and ``costs`` how much there is to read;
``planned`` and ``published`` what the book enters; ``hand_tally`` and ``alarms`` the full count;
``replaying``, ``replaying_ballots``, ``replaying_suite`` and ``replaying_draws`` published audits again.
"""
