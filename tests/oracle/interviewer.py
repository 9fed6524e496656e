"""Figures of the test in src/statistics/interviewer.rs, by definition (numpy, scipy)."""

import numpy as np
from scipy import stats

EVALUATORS = [
    [(40, 50), (45, 50), (30, 40), (0, 0), (50, 50)],
    [(20, 50), (25, 50), (31, 40), (22, 50)],
    [(48, 50), (50, 50), (39, 40), (47, 50), (45, 50), (41, 50)],
    [(10, 10)],
    [(44, 50), (46, 50), (36, 40), (40, 50)],
]


def score_and_variance(rows):
    a, b = np.array(rows, float).T
    score = a.sum() / b.sum()
    z = (a - score * b) / b.sum()
    n = len(rows)
    return score, n / (n - 1) * ((z - z.mean()) ** 2).sum() if n > 1 else np.nan


p = []
for place, own in enumerate(EVALUATORS):
    rest = [row for other, rows in enumerate(EVALUATORS) if other != place for row in rows]
    (score, v), (others, w) = score_and_variance(own), score_and_variance(rest)
    se = np.sqrt(v + w)
    z = (score - others) / se
    p.append(2 * stats.norm.sf(abs(z)))
    print(place, score, others, se, z, p[-1])
tested = [place for place, value in enumerate(p) if not np.isnan(value)]
order = sorted(tested, key=lambda place: p[place])
steps = [p[place] * (len(order) - step) for step, place in enumerate(order)]
print(dict(zip(order, np.minimum(1, np.maximum.accumulate(steps)))))
