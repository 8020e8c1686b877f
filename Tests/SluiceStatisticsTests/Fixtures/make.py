"""Writes scipy.json: what SciPy, or counting out by definition, says where the statistics of Sluice must say the same.

Run by scripts/verify-statistics. Whatever SciPy does not have is computed in another way than the one that is tested.
"""

import itertools
import json
import sys

import numpy
from scipy import stats


def student_t():
    degrees = [0.5, 1, 2, 3, 4.5, 7, 15, 23, 39, 199, 1e4, 1e6]
    values = [-40, -6, -2.5, -1, -0.001, 0, 0.3, 1.7, 2.2, 5, 12, 300]
    probabilities = [1e-9, 1e-4, 0.0177, 0.05, 0.3, 0.5, 0.6, 0.95, 0.9823, 0.9999]
    return {
        "cumulative": [[d, t, float(stats.t.cdf(t, d))] for d in degrees for t in values],
        "quantile": [[d, p, float(stats.t.ppf(p, d))] for d in degrees for p in probabilities],
    }


def signed_rank_counts(count):
    """By throwing every combination of signs."""
    sums = [sum(r for r, s in zip(range(1, count + 1), signs) if s) for signs in
            itertools.product([0, 1], repeat=count)]
    histogram = numpy.bincount(sums, minlength=count * (count + 1) // 2 + 1)
    return (numpy.cumsum(histogram) / 2**count).tolist()


def samples(generator):
    """Values with four decimals, no two of equal size and none 0, so that no ranks are tied."""
    result = []
    for count in [2, 5, 8, 12, 16, 24, 40]:
        for shift in [-0.06, 0.0, 0.05, 0.12]:
            while True:
                values = numpy.round(generator.normal(shift, 0.07, count), 4)
                if len(set(abs(values))) == count and 0 not in values:
                    break
            result.append(values)
    return result


def one_sample(values):
    def p(result):
        return float(result.pvalue)

    walsh = sorted((a + b) / 2 for a, b in itertools.combinations_with_replacement(values, 2))
    return {
        "values": values.tolist(),
        "mean": float(values.mean()),
        "standardDeviation": float(values.std(ddof=1)),
        "margin": float(stats.t.ppf(1 - 0.0177, len(values) - 1) * stats.sem(values)),
        "meanAbove": p(stats.ttest_1samp(values, 0, alternative="greater")),
        "meanBelow": p(stats.ttest_1samp(values, 0, alternative="less")),
        "ranksAbove": p(stats.wilcoxon(values, alternative="greater", method="exact")),
        "ranksBelow": p(stats.wilcoxon(values, alternative="less", method="exact")),
        "centre": float(numpy.median(walsh)),
        "bounds": rank_bounds(values, walsh, 0.05),
    }


def rank_bounds(values, walsh, level):
    """The lowest and the highest Walsh average that, taken as the centre, the test does not reject."""
    def rejected(centre, alternative):
        moved = values - centre
        return float(stats.wilcoxon(moved, alternative=alternative, method="exact").pvalue) <= level

    step = 1e-7
    lower = [w for w in walsh if not rejected(w + step, "greater")]
    upper = [w for w in walsh if not rejected(w - step, "less")]
    if rejected(walsh[0] - step, "greater"):
        return [lower[0], upper[-1]]
    return None


def theil_sen(generator):
    result = []
    for count in [2, 3, 10, 41]:
        x = numpy.round(numpy.sort(generator.uniform(0, 1000, count)), 2)
        y = numpy.round(3.5 * x + generator.standard_cauchy(count) * 40, 3)
        result.append({"x": x.tolist(), "y": y.tolist(), "slope": float(stats.theilslopes(y, x).slope)})
    return result


def holm(generator):
    """As what it is: the closed test of all intersections by Bonferroni."""
    result = []
    for count in [1, 2, 3, 5, 8]:
        p = numpy.round(generator.uniform(0, 1, count) ** 3, 5)
        subsets = [s for size in range(1, count + 1) for s in itertools.combinations(range(count), size)]
        adjusted = [max(min(1.0, len(s) * min(p[j] for j in s)) for s in subsets if i in s) for i in range(count)]
        result.append({"probabilities": p.tolist(), "adjusted": [float(a) for a in adjusted]})
    return result


def main():
    generator = numpy.random.default_rng(20261121)
    document = {
        "studentT": student_t(),
        "signedRank": [{"count": n, "cumulative": signed_rank_counts(n)} for n in [1, 2, 5, 8, 12, 16]],
        "oneSample": [one_sample(values) for values in samples(generator)],
        "theilSen": theil_sen(generator),
        "holm": holm(generator),
    }
    json.dump(document, sys.stdout, indent=None, separators=(",", ":"))
    print()


main()
