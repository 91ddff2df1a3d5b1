"""Numbers only: how strong is the evidence that a mean exceeds a stated value.

This room decides what a list of bounded numbers proves about the mean of the population they were
drawn from: test martingales and their bets, the older methods that published audits used, strata,
stopping times, draws and bounds. It refuses to know what the numbers stand for: no word of an
election appears here. It opens no file, reads no clock, rolls no die. Inputs are integers on a common
lattice, so that every edge is decided exactly; a float never decides.

Map. ``errors`` the one exception; ``lattice`` numbers as integers; ``martingale`` the one engine;
``bets`` and ``kelly`` what to stake; ``default_bet`` the stake that two programs compute alike; ``many`` a
thousand tests at once; ``certainty`` decisions and published figures; ``comparison`` numbers built from
differences; ``kaplan``, ``bravo``, ``minerva``, ``bayes`` and ``fisher`` the methods of published audits;
``binomial`` chances with a stated error; ``strata`` several populations under one limit, ``strata_certainty``
the proof of it; ``stopping``, ``finite_stopping``, ``error_stopping``, ``log_lattice``, ``strata_plan`` and
``simulate`` how long it will take; ``draws`` who is drawn; ``arlo_draws`` with ``pcg64`` and
``colorado_draws`` who was drawn in published audits; ``bounds``, ``clusters``, ``confidence``,
``confidence_engine`` and ``survey`` what a sample says about shares and means; ``fast`` the hashing of names,
compiled where numba is installed.
"""
