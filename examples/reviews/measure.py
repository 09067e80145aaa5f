"""Print the table in README.md: the sample beside Snappfood, and how hard it is.

    ALCLI_DATA=../shared/data python -m examples.reviews.measure

Needs hazm and scikit-learn, and the data folder, which is no part of this project.
"""

import gzip
import json
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random
from statistics import mean, median, quantiles

HERE = Path(__file__).parent
SAMPLE = HERE / "reviews.jsonl"
DATA = Path(os.environ.get("ALCLI_DATA", HERE.parents[1] / "../shared/data"))
SNAPPFOOD = "snappfood/train.jsonl.gz"
SENTIPERS = "sentipers/all_sentences.jsonl.gz"
WINDOW = 50_000  # tokens in which types are counted, the same for every corpus

PHENOMENA = {  # what to look for in a text whose Arabic letters were replaced
    "colloquial forms": r"\b(?:خوبه|عالیه|داره|نداره|یه|اگه|ن?می\W?(?:شه|کنه|ده))\b",
    "half-space left out": r"\bن?می(?:شه|کنه|ده|کنم|دم|مونه|گیره|گیرم|خوام)\b",
    "space for half-space": r"\bن?می (?:شه|کنه|ده|کنم|دم|مونه|گیره|گیرم|خوام)\b",
    "stretched letters": r"([اویهد])\1\1",
    "emoji or emoticon": "[😍👍❤🌹👌🙏😊🤔😐🙂😡👎💔😒]|[:;][()|D]",
    "one or two words": r"^\S+(?: \S+)?$",
    "turn with ولی or اما": r"\b(?:ولی|اما)\b",
    "negated opinion": r"\b(?:خوب|بد|بدک|راضی|جالب) (?:نیست|نبود)|نداره\b|نمی\W?ارزه",
}


def records(path: Path) -> list[dict[str, str]]:
    """Read JSON Lines, plain or gzip."""
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8", newline="\n") as file:
        return [json.loads(line) for line in file]


def tokenised(texts: Iterable[str]) -> Iterator[list[str]]:
    """Normalise and split each text as hazm does."""
    from hazm import Normalizer, WordTokenizer

    normalizer, tokenizer = Normalizer(), WordTokenizer()
    for text in texts:
        yield tokenizer.tokenize(normalizer.normalize(text))


def word_types(texts: Iterable[str]) -> Counter[str]:
    """Count each word type, emoji and marks included."""
    return Counter(token for tokens in tokenised(texts) for token in tokens)


def known_share(types: Iterable[str], *corpora: Iterable[str]) -> float:
    """Return the share of word types that occur in at least one of the corpora."""
    types, known = set(types), set().union(*corpora)
    return len(types & known) / len(types)


def sizes(texts: list[str]) -> dict[str, float]:
    """Measure length in tokens and the variety of words."""
    documents = list(tokenised(texts))
    lengths = [len(tokens) for tokens in documents]
    Random(0).shuffle(documents)
    tokens = [token for document in documents for token in document]
    return {
        "comments": len(documents),
        "tokens: mean": mean(lengths),
        "tokens: median": float(median(lengths)),
        "tokens: p90": quantiles(lengths, n=10)[-1],
        "word types, all": len(set(tokens)),
        "word types in the first 50,000 tokens": len(set(tokens[:WINDOW])),
        "types per 1,000 tokens": len(set(tokens[:WINDOW])) / WINDOW * 1000,
    }


def phenomena(texts: list[str]) -> dict[str, float]:
    """Return phenomenon -> share of the texts that have it."""
    letters = str.maketrans("يك", "یک")
    plain = [text.translate(letters) for text in texts]
    shares = {
        name: sum(bool(re.search(pattern, text)) for text in plain) / len(texts)
        for name, pattern in PHENOMENA.items()
    }
    shares["Arabic ي or ك"] = sum("ي" in t or "ك" in t for t in texts) / len(texts)
    shares["text seen before"] = 1 - len(set(texts)) / len(texts)
    return shares


def linear_accuracy(texts: list[str], labels: list[str]) -> float:
    """Return the cross-validated accuracy of TF-IDF (1-2 grams) and logreg."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_score
    from sklearn.pipeline import make_pipeline

    tokens = [" ".join(words) for words in tokenised(texts)]
    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"\S+")
    model = make_pipeline(words, LogisticRegression(C=10, max_iter=1000))
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    return float(cross_val_score(model, tokens, labels, cv=folds).mean())


def topic_agreement(texts: list[str], products: list[str]) -> float:
    """Return the normalised mutual information of LDA topics and products."""
    from sklearn.decomposition import LatentDirichletAllocation
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.metrics import normalized_mutual_info_score

    tokens = [" ".join(words) for words in tokenised(texts)]
    words = CountVectorizer(token_pattern=r"\S\S\S+", min_df=5, max_df=0.1)
    topics = LatentDirichletAllocation(10, random_state=0, max_iter=40)
    found = topics.fit_transform(words.fit_transform(tokens)).argmax(axis=1)
    return float(normalized_mutual_info_score(products, found))


def main() -> None:
    """Print a Markdown table and three lines."""
    sample, snappfood = records(SAMPLE), records(DATA / SNAPPFOOD)
    texts = [record["text"] for record in sample]
    labels = [record["label"] for record in sample]
    others = [record["text"] for record in snappfood]
    print("| | this sample | Snappfood (train) |\n|---|---:|---:|")
    for measure in (sizes, phenomena):
        ours, theirs = measure(texts), measure(others)
        for name in ours:
            print(f"| {name} | {_shown(ours[name])} | {_shown(theirs[name])} |")
    corpora = [
        word_types(record["text"] for record in records(DATA / name))
        for name in (SNAPPFOOD, SENTIPERS)
    ]
    products = [record["product"] for record in sample]
    print(f"\nknown word types: {known_share(word_types(texts), *corpora):.3f}")
    print(f"linear accuracy: {linear_accuracy(texts, labels):.3f}")
    print(f"LDA topics and products, NMI: {topic_agreement(texts, products):.3f}")


def _shown(value: float) -> str:
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:.1%}" if value < 1 else f"{value:.1f}"


if __name__ == "__main__":
    main()
