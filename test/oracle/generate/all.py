"""Writes all files of cases: python -B test/oracle/generate/all.py"""

import activations
import creation
import draws
import elementary
import initializers
import losses
import movement
import network
import reduce
import scalar

for part in (elementary, scalar, movement, reduce, creation, draws, network, activations, losses, initializers):
    part.main()
