"""crowd-kit's Dawid-Skene on a file of votes; prints, as JSON, what `fit` costs.

Reading and making the data frame are left out. With --labels FILE it writes the label
of each id there, to be compared.
"""

import argparse
import json
import time
import warnings

import pandas as pd


def main() -> None:
    """Fit with crowd-kit's own tolerance, or for a number of iterations."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file")
    parser.add_argument("--iterations", type=int, default=100)
    parser.add_argument("--tolerance", type=float, default=1e-5)
    parser.add_argument("--labels")
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    from crowdkit.aggregation import DawidSkene

    with open(args.file, encoding="utf-8") as lines:
        votes = [
            (record["id"], record["annotator"], record["label"])
            for record in map(json.loads, lines)
        ]
    frame = pd.DataFrame(votes, columns=["task", "worker", "label"])
    del votes
    model = DawidSkene(n_iter=args.iterations, tol=args.tolerance)
    wall, cpu = time.perf_counter(), time.process_time()
    model.fit(frame)
    costs = {
        "wall": time.perf_counter() - wall,
        "cpu": time.process_time() - cpu,
        "iterations": len(model.loss_history_),
    }
    if args.labels:
        with open(args.labels, "w", encoding="utf-8") as file:
            for id, label in model.labels_.items():
                file.write(json.dumps({"id": id, "label": label}) + "\n")
    print(json.dumps(costs))


if __name__ == "__main__":
    main()
