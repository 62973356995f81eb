"""Made-up rows of ours and of ctgan's own release: quality as SDMetrics measures it, and the time that both take.

    # Once: an environment of its own, as ctgan's licence is not compatible with this project's.
    python -m venv --without-pip /tmp/theirs
    echo $PWD/.venv/lib/python3.*/site-packages > /tmp/theirs/lib/python3.*/site-packages/ours.pth
    /tmp/theirs/bin/python -m pip install ctgan sdmetrics scikit-learn
    PYTHONPATH=. /tmp/theirs/bin/python benchmarks/data.py [--tables wine] [--models gan vae] [--epochs 300] [--seeds 1 2 3]

The tables are three that scikit-learn ships. Both learn the whole table with the same number of epochs, on one thread, and make
as many rows as it has, one after the other in one process. Time is CPU time, which a busy machine affects less. SDMetrics' own
report judges both; ours must score at least as high, in at most 1.2 times the time. Its figures are also compared with the
project's own, which should be the same.
"""

import argparse
import json
import os
import statistics
import sys
import time
import warnings

# One thread each, also for NumPy's linear algebra, which would otherwise spend CPU time on waiting for the other core.
os.environ |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}

import numpy as np

TABLES = ("wine", "breast_cancer", "diabetes")
MAX_TIME = 1.2


def load_table(name):
    """Load a table that scikit-learn ships."""
    from sklearn import datasets

    return getattr(datasets, f"load_{name}")(as_frame=True).frame


def sample_ours(frame, model, epochs, seed):
    """Return rows of ours, as a data frame with the types of the real one, and the seconds that they took."""
    import io

    import pandas

    from bot.synthesis.engine import LearningOptions, learn
    from bot.synthesis.learning import Method
    from bot.synthesis.sampling import sample
    from bot.synthesis.table import read_table, render_csv

    table = read_table("table.csv", frame.to_csv(index=False).encode())
    began = time.process_time()
    learnt = learn(table, LearningOptions(Method(model), seed=seed, epochs=0 if model == "copula" else epochs))
    made = sample(learnt, len(frame), seed=seed)
    took = time.process_time() - began
    return pandas.read_csv(io.BytesIO(render_csv(made)), float_precision="round_trip")[list(frame)].astype(
        frame.dtypes
    ), took


def sample_theirs(frame, model, epochs, seed):
    """Return rows of ctgan's, and the seconds that they took."""
    import ctgan
    import torch

    torch.manual_seed(seed)
    np.random.seed(seed)
    sort = {"gan": ctgan.CTGAN, "vae": ctgan.TVAE}[model]
    began = time.process_time()
    network = sort(epochs=epochs, enable_gpu=False)
    network.fit(frame, list_discrete_columns(frame))
    made = network.sample(len(frame))
    return made, time.process_time() - began


def list_discrete_columns(frame):
    """Return the names of the columns of at most 12 values."""
    return [name for name in frame if frame[name].nunique() <= 12]


def compare_quality(real, made):
    """Return SDMetrics' quality, the largest gap between its shapes and ours, and the gap between both qualities."""
    from sdmetrics.reports.single_table import QualityReport

    from bot.synthesis.quality import measure_quality

    few = list_discrete_columns(real)
    about = {"columns": {name: {"sdtype": "categorical" if name in few else "numerical"} for name in real}}
    report = QualityReport()
    report.generate(real, made, about, verbose=False)
    plain = [
        {name: one[name].astype(str).to_numpy(object) if name in few else one[name].to_numpy(float) for name in one}
        for one in (real, made)
    ]
    own = measure_quality(plain[0], plain[1])
    shapes = report.get_details("Column Shapes").set_index("Column")["Score"]
    gap = max(abs(shapes[name] - figure) for name, figure in own.shapes.items())
    return report.get_score(), gap, abs(report.get_score() - own.overall)


def main():
    """Print a row for each table and model; exit with 1 if ours is worse or slower than allowed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", nargs="+", default=TABLES, choices=TABLES)
    parser.add_argument("--models", nargs="+", default=["gan", "vae"], choices=["gan", "vae", "copula"])
    parser.add_argument("--epochs", type=int, default=300)
    parser.add_argument("--seeds", nargs="+", type=int, default=[1])
    args = parser.parse_args()
    warnings.filterwarnings("ignore")
    import torch

    torch.set_num_threads(1)
    # Load what torch loads at first use.
    torch.optim.Adam([torch.zeros(1, requires_grad=True)])
    failed = False
    for name in args.tables:
        frame = load_table(name)
        for model in args.models:
            runs = []
            for seed in args.seeds:
                made, took = sample_ours(frame, model, args.epochs, seed)
                score, gap, whole = compare_quality(frame, made)
                run = {"ours": score, "seconds": took, "largest_gap_of_shapes": gap, "gap_of_quality": whole}
                if model != "copula":
                    made, took = sample_theirs(frame, model, args.epochs, seed)
                    run |= {"theirs": compare_quality(frame, made)[0], "their_seconds": took}
                runs.append(run)
            row = {key: round(float(statistics.mean(run[key] for run in runs)), 4) for key in runs[0]}
            if model != "copula":
                row["times"] = round(row["seconds"] / row["their_seconds"], 2)
                row["holds"] = bool(row["ours"] >= row["theirs"] and row["times"] <= MAX_TIME)
                failed |= not row["holds"]
            print(json.dumps({"table": name, "rows": len(frame), "model": model, **row}), flush=True)
    sys.exit(failed)


if __name__ == "__main__":
    main()
