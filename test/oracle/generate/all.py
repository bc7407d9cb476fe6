"""Writes all files of cases: python -B test/oracle/generate/all.py"""

import creation
import distributions
import draws
import elementary
import movement
import network
import reduce
import scalar
import sorting

for part in (elementary, scalar, movement, reduce, creation, draws, distributions, network, sorting):
    part.main()
