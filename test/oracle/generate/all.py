"""Writes all files of cases: python -B test/oracle/generate/all.py"""

import activations
import arrays
import at
import composed
import convolution
import creation
import cumulative
import distributions
import draws
import elementary
import indexing
import initializers
import losses
import movement
import network
import reduce
import scalar
import sorting
import special
import stats
import transforms

for part in (
    activations,
    arrays,
    at,
    composed,
    convolution,
    creation,
    cumulative,
    distributions,
    draws,
    elementary,
    indexing,
    initializers,
    losses,
    movement,
    network,
    reduce,
    scalar,
    sorting,
    special,
    stats,
    transforms,
):
    part.main()
