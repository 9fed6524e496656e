"""Makes tests/oracle/shapes: packs of unusual shape and their figures, row by row by definition (numpy, scipy).

Shares nothing with the program: every estimate is computed from the rows, in floating point. Run it with the folder as argument.
"""

import csv
import json
import math
import sys
from pathlib import Path

import numpy as np
from scipy import stats

OUT = Path(sys.argv[1])
ITEMS = [("a1", "care", 3, 10), ("a2", "care", 1, 10), ("b1", "speed", 2, 10), ("b2", "speed", 1, 5), ("b3", "speed", 7, 5), ("c1", "price", 1, 2)]
WEIGHT, TOP = np.array([i[2] for i in ITEMS]), np.array([i[3] for i in ITEMS])
DIMS = ["care", "speed", "price"]
rng = np.random.default_rng(20261125)


def answers(na=0.08, good=0.75):
    codes = [1 + rng.binomial(top - 1, min(1.0, good + 0.2 * rng.random())) for top in TOP]
    return [("" if rng.random() < 0.03 else 0) if rng.random() < na else code for code in codes]


def organisation(name, outlets, face, email, qr, frame, na=0.08, good=0.75):
    """outlets: customers; face: interviews by outlet; email, qr: answers, spread over outlets."""
    known = [(name, f"{name}{k}", n, frame) for k, n in enumerate(outlets)]
    rows = [(f"{name}{k}", "face") for k, n in enumerate(face) for _ in range(n)]
    rows += [(f"{name}{k % len(outlets)}", channel) for channel, n in (("email", email), ("qr", qr)) for k in range(n)]
    return known, [(name, outlet, channel, answers(na, good)) for outlet, channel in rows]


SHAPES = [
    organisation("plain", [200, 350, 120], [14, 22, 9], 40, 25, 9),
    organisation("single", [80, 60, 90, 70], [1, 12, 1, 6], 15, 0, 12),
    organisation("noelec", [300, 150], [25, 18], 0, 0, 5),
    organisation("noface", [300, 150], [0, 0], 20, 30, 5),
    organisation("na30", [500, 260, 410], [20, 15, 18], 30, 10, 3, na=0.30),
    organisation("every", [40, 25, 60], [20, 25, 11], 12, 8, 3),
    organisation("tiny", [50], [2], 1, 0, 4),
    organisation("unknown", ["", 60], [9, 7], 8, 0, ""),
    organisation("high", [90, 140, 75], [10, 16, 9], 20, 12, 30, good=0.81),
]


def write():
    def table(name, header, rows):
        with open(OUT / name, "w", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(header)
            writer.writerows(rows)

    table("items.csv", ["item", "dim", "weight", "max"], ITEMS)
    table("outlets.csv", ["org", "outlet", "N_customers", "M_frame"], [row for known, _ in SHAPES for row in known])
    rows = [row for _, rows in SHAPES for row in rows]
    table(
        "responses.csv",
        ["resp_id", "org", "outlet", "channel", "duration_s", "status"] + [i[0] for i in ITEMS],
        [[f"R{n:05}", org, outlet, channel, 200, "I", *codes] for n, (org, outlet, channel, codes) in enumerate(rows)],
    )


class Rows:
    """Points of some responses; s is the share of the scored."""

    def __init__(self, rows, points, items=None):
        keep = range(len(ITEMS)) if items is None else items
        self.n = len(rows)
        full = np.array([WEIGHT[i] * points(TOP[i], TOP[i]) for i in range(len(ITEMS))])
        self.a = np.array([sum(WEIGHT[i] * points(r[3][i], TOP[i]) for i in keep if r[3][i] not in ("", 0)) for r in rows], float)
        self.b = np.array([sum(full[i] for i in keep if r[3][i] not in ("", 0)) for r in rows], float)
        self.outlet = np.array([r[1] for r in rows])

    def values(self, person):
        scored = self.b > 0
        share = np.divide(self.a, self.b, out=np.zeros(self.n), where=scored)
        return (share, scored.astype(float)) if person else (self.a, self.b)


def proportional(code, top):
    return code


def ratio(a, b, w=None):
    """Estimate and linearised values."""
    w = np.ones(len(a)) if w is None else w
    if (w * b).sum() == 0:
        return None, None
    r = (w * a).sum() / (w * b).sum()
    return r, w * (a - r * b) / (w * b).sum()


def spread(z):
    n = len(z)
    return n / (n - 1) * ((z - z.mean()) ** 2).sum()


def srs(z):
    return (spread(z), len(z) - 1) if len(z) > 1 else (None, 0)


def strata(z, outlet, customers=None):
    v, names = 0.0, sorted(set(outlet))
    for h in names:
        part = z[outlet == h]
        left = 1.0 if customers is None else 1 - len(part) / customers[h]
        v += left * (spread(part) if len(part) > 1 else part[0] ** 2)
    return v, len(z) - len(names)


def clusters(z, outlet):
    t = np.array([z[outlet == h].sum() for h in sorted(set(outlet))])
    return (spread(t) if len(t) > 1 else None), len(t) - 1


def two_stage(z, outlet, customers, frame):
    first, df = clusters(z, outlet)
    m = df + 1
    if first is None:
        return None, df
    within = strata(z, outlet, customers)[0]
    return (1 - m / frame) * first + m / frame * within, df


def block(out, group, est, variance):
    out[group, "est"] = est
    v, df = variance if est is not None else (None, None)
    se = None if v is None else math.sqrt(max(v, 0.0))
    out[group, "se"], out[group, "df"] = se, df
    for level in (90, 95):
        t = stats.t.ppf(0.5 + level / 200, df) if se is not None and df > 0 else None
        plain = (None, None) if t is None else (est - t * se, est + t * se)
        out[group, f"ci_t_lo_{level}"], out[group, f"ci_t_hi_{level}"] = plain
        if t is None or not 0 < est < 1 or se == 0:
            logit = (None, None)
        else:
            centre, half = math.log(est / (1 - est)), t * se / (est * (1 - est))
            logit = tuple(1 / (1 + math.exp(-(centre + s * half))) for s in (-1, 1))
        out[group, f"ci_logit_lo_{level}"], out[group, f"ci_logit_hi_{level}"] = logit


def undefined(out, group):
    block(out, group, None, None)


def face_groups(out, face, customers, frame):
    known = face.n > 0 and all(customers[h] != "" for h in set(face.outlet))
    w = np.array([customers[h] / (face.outlet == h).sum() for h in face.outlet]) if known else None
    for score in ("points", "person"):
        a, b = face.values(score == "person")
        est, z = ratio(a, b, w) if known else (None, None)
        block(out, f"strat_fpc_{score}_face", est, strata(z, face.outlet, customers) if known else None)
        if known and frame != "":
            block(out, f"twostage_{score}_face", est, two_stage(z, face.outlet, customers, frame))
        else:
            undefined(out, f"twostage_{score}_face")
        if score == "points":
            block(out, "strat_nofpc_points_face", est, strata(z, face.outlet) if known else None)
            block(out, "cluster_nofpc_points_face", est, clusters(z, face.outlet) if known else None)
            est, z = ratio(a, b) if known else (None, None)
            block(out, "strat_fpc_unweighted_points_face", est, strata(z, face.outlet, customers) if known else None)


def alpha(out, rows):
    x = np.array([[np.nan if c in ("", 0) else c for c in r[3]] for r in rows], float)
    for name in [*DIMS, "total"]:
        own = [i for i, item in enumerate(ITEMS) if name in ("total", item[1])]
        k, value = len(own), None
        if k > 1:
            c = np.empty((k, k))
            for p, i in enumerate(own):
                for q, j in enumerate(own):
                    both = ~np.isnan(x[:, i]) & ~np.isnan(x[:, j])
                    c[p, q] = np.cov(x[both, i], x[both, j])[0, 1] if both.sum() > 1 else np.nan
            if not np.isnan(c).any() and c.sum() > 0:
                value = k / (k - 1) * (1 - np.trace(c) / c.sum())
        out[f"alpha_{name}", "pairwise"] = value


def compare_channels(out, face, elec):
    s, t = ((q.a[q.b > 0] / q.b[q.b > 0]) for q in (face, elec))
    welch = wilcoxon = (None, None)
    if len(s) > 1 and len(t) > 1:
        found = stats.ttest_ind(s, t, equal_var=False)
        welch = (found.statistic, found.pvalue)
    if len(s) and len(t):
        found = stats.mannwhitneyu(s, t, use_continuity=True, method="asymptotic")
        wilcoxon = (found.statistic, found.pvalue)
    out["welch_face_minus_elec_person", "t"], out["welch_face_minus_elec_person", "p"] = welch
    out["wilcoxon_person", "W"], out["wilcoxon_person", "p"] = wilcoxon


def figures(known, rows):
    out = {}
    customers, frame = {k[1]: k[2] for k in known}, known[0][3]
    of = lambda *channels: Rows([r for r in rows if r[2] in channels], proportional)
    face, elec, both = of("face"), of("email", "qr"), of("face", "email", "qr")
    for name, part in (("face", face), ("elec", elec), ("email", of("email")), ("qr", of("qr")), ("all", both)):
        share = part.a[part.b > 0] / part.b[part.b > 0]
        for stat, value in (("n", part.n), ("n_scored", len(share)), ("A", int(part.a.sum())), ("B", int(part.b.sum())),
                            ("AA", int((part.a**2).sum())), ("AB", int((part.a * part.b).sum())), ("BB", int((part.b**2).sum()))):
            out[f"tally_{name}", stat] = value
        out[f"tally_{name}", "points_score"] = ratio(part.a, part.b)[0]
        out[f"tally_{name}", "person_score"] = share.mean() if len(share) else None
        out[f"tally_{name}", "person_sd"] = share.std(ddof=1) if len(share) > 1 else None
    for name, part in (("face", face), ("elec", elec)):
        for score in ("points", "person"):
            est, z = ratio(*part.values(score == "person"))
            block(out, f"srs_{score}_{name}", est, srs(z) if est is not None else None)
    face_groups(out, face, customers, frame)
    est, z = ratio(both.a, both.b)
    channel = np.array([r[2] == "face" for r in rows])
    parts = [z[channel == c] for c in (True, False) if (channel == c).any()]
    if len(parts) == 1:
        block(out, "pooled_points_stratified_by_mode", est, srs(parts[0]))
    else:
        v = sum(spread(p) if len(p) > 1 else p[0] ** 2 for p in parts)
        block(out, "pooled_points_stratified_by_mode", est, (v, len(z) - 2))
    block(out, "pooled_points_srs", est, srs(z))
    for dim in DIMS:
        own = [i for i, item in enumerate(ITEMS) if item[1] == dim]
        part = Rows([r for r in rows if r[2] == "face"], proportional, own)
        out[f"srs_points_face_dim_{dim}", "est"] = ratio(part.a, part.b)[0]
    alpha(out, rows)
    compare_channels(out, face, elec)
    return out


def linear(code, top):
    return code - 1


def logit(p):
    return math.log(p / (1 - p))


def choices(known, rows, design):
    """S and S_face with all choices of methods/choices.json: linear table, mean of persons, λ = 1/3, no open codes, all customers."""
    customers, frame = {k[1]: k[2] for k in known}, known[0][3]
    face = Rows([r for r in rows if r[2] == "face"], linear)
    elec = Rows([r for r in rows if r[2] == "email"], linear)
    w = np.array([customers[h] / (face.outlet == h).sum() for h in face.outlet])
    est, z = ratio(*face.values(True), w)
    v, df = two_stage(z, face.outlet, customers, frame) if design == "two_stage" else strata(z, face.outlet, customers)
    other, y = ratio(*elec.values(True))
    u, dfu = srs(y)
    total = v / 9 + u * 4 / 9
    freedom = total**2 / ((v / 9) ** 2 / df + (u * 4 / 9) ** 2 / dfu)
    se, n = math.sqrt(v), int((face.b > 0).sum())
    t = stats.t.ppf(0.95, df)
    # Capped Korn & Graubard at 90 %.
    effective = min(est * (1 - est) / v * (stats.t.ppf(0.95, n - 1) / t) ** 2, n)
    x = effective * est
    free = [stats.beta.ppf(0.05, x, effective - x + 1), stats.beta.ppf(0.95, x + 1, effective - x)]
    bound = min((0.9, 0.8, 0.7, 0.6), key=lambda bound: abs(logit(est) - logit(bound)))
    gap = abs(logit(est) - logit(bound))
    m, total_customers = len(set(face.outlet)), sum(customers[h] for h in set(face.outlet))
    if design == "two_stage":
        between = clusters(z, face.outlet)[0] * (1 - m / frame)
        unit, have, most, groups = between / (est * (1 - est)) ** 2 / (1 / m - 1 / frame), m, frame, 1
    else:
        unit = v / (est * (1 - est)) ** 2 / (1 / face.n - 1 / total_customers)
        have, most, groups = face.n, total_customers, m

    def more(assured):
        for count in range(have, most):
            freedom = count - groups
            if freedom > 0:
                quantile = stats.t.ppf(0.95, freedom) + (stats.t.ppf(0.80, freedom) if assured else 0)
                if gap >= quantile * math.sqrt(unit * (1 / count - 1 / most)):
                    return count - have
        return most - have

    take = math.ceil(face.n / m) if design == "two_stage" else 1
    return {
        "s_face": est, "s_face_se": se, "s_face_df": df, "s": est / 3 + other * 2 / 3, "s_se": math.sqrt(total), "s_df": freedom,
        "no_assumption": free, "nearest": bound, "more": take * more(False), "assured": take * more(True),
        "outlets": more(False) if design == "two_stage" else None,
    }


write()
with open(OUT / "expected.csv", "w", newline="") as file:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["org", "group", "stat", "value"])
    for known, rows in SHAPES:
        for (group, stat), value in figures(known, rows).items():
            text = "NA" if value is None else value if isinstance(value, int) else format(float(value), ".17g")
            writer.writerow([known[0][0], group, stat, text])
found = {
    design: {known[0][0]: choices(known, rows, design) for known, rows in SHAPES if known[0][0] in ("plain", "single", "high")}
    for design in ("stratified", "two_stage")
}
(OUT / "expected_choices.json").write_text(json.dumps(found, indent=1, default=float) + "\n")
