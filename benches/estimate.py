"""Row 11's other side: polars, streaming, on the same file and task. Prints one JSON line.

For every organisation S_face weighted to its outlets' customers, its standard error with outlets as strata and finite population
correction, and S over both channels. Start-up and import are not counted; CPU and memory are the whole process's.
"""

import json
import resource
import sys
import time

import polars as pl

folder = sys.argv[1]
start = time.perf_counter()
items = pl.read_csv(f"{folder}/items.csv")
outlets = pl.read_csv(f"{folder}/outlets.csv")
names, weights, maxima = items["item"], items["weight"], items["max"]
a = pl.sum_horizontal(pl.col(n).fill_null(0).cast(pl.Int64) * w for n, w in zip(names, weights))
b = pl.sum_horizontal(
    pl.when(pl.col(n).fill_null(0) > 0).then(w * m).otherwise(0).cast(pl.Int64)
    for n, w, m in zip(names, weights, maxima)
)
types = {"resp_id": pl.String, "org": pl.String, "outlet": pl.String, "channel": pl.String}
types |= {n: pl.Int8 for n in names}
A, B = pl.col("a"), pl.col("b")
cells = (
    pl.scan_csv(f"{folder}/responses.csv", schema_overrides=types)
    .select("org", "outlet", (pl.col("channel") == "face").alias("face"), a.alias("a"), b.alias("b"))
    .group_by("org", "outlet", "face")
    .agg(
        n=pl.len(), A=A.sum(), B=B.sum(), AA=(A * A).sum(), AB=(A * B).sum(), BB=(B * B).sum()
    )
    .collect(engine="streaming")
)
pooled = cells.group_by("org").agg((pl.col("A").sum() / pl.col("B").sum()).alias("S"))
face = cells.filter(pl.col("face")).join(outlets, on=["org", "outlet"])
face = face.with_columns(W=pl.col("N_customers") / pl.col("n"))
ratio = face.group_by("org").agg(
    R=(pl.col("W") * pl.col("A")).sum() / (pl.col("W") * pl.col("B")).sum(), total=(pl.col("W") * pl.col("B")).sum()
)
n, R = pl.col("n"), pl.col("R")
spread = pl.col("AA") - 2 * R * pl.col("AB") + R**2 * pl.col("BB") - (pl.col("A") - R * pl.col("B")) ** 2 / n
term = (1 - n / pl.col("N_customers")) * n / (n - 1) * (pl.col("W") / pl.col("total")) ** 2 * spread
se = face.join(ratio, on="org").group_by("org").agg(R.first(), term.sum().sqrt().alias("se"))
result = {row["org"]: [row["R"], row["se"], row["S"]] for row in se.join(pooled, on="org").to_dicts()}
seconds = time.perf_counter() - start
usage = resource.getrusage(resource.RUSAGE_SELF)
print(
    json.dumps(
        {
            "polars": pl.__version__,
            "seconds": seconds,
            "cpu_s": usage.ru_utime + usage.ru_stime,
            "peak_mib": usage.ru_maxrss / 1024,
            "result": result,
        }
    )
)
