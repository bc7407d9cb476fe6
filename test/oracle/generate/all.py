"""Writes all files of cases: python -B test/oracle/generate/all.py"""

import creation
import draws
import elementary
import movement
import network
import reduce
import scalar
import special

for part in (elementary, scalar, special, movement, reduce, creation, draws, network):
    part.main()
