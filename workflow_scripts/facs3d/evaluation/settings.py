"""How results are judged: one section of the config."""

from dataclasses import dataclass

from facs3d.core.settings import Settings, setting
from facs3d.datasets.settings import NAME
from facs3d.training.names import MODEL_NAMES


@dataclass(frozen=True)
class EvaluationSettings(Settings, section="evaluation"):
    """How results are judged."""

    threshold: float = setting(
        0.5,
        "a frame is positive from this probability on; judged weights bring `predict` their own "
        "for each AU, which win",
        above=0,
        below=1,
        paper="silent",
    )
    thresholds: str = setting(
        "fixed",
        "in tables of metrics: `threshold` for all, or, for each network and AU, the one of the "
        "highest F1 on its training subjects, as networks predict them that did not see them",
        choices=("fixed", "training"),
        paper="silent",
    )
    repeats: int = setting(
        1,
        "how often everything is trained, each time with other seeds; 1 is the paper, more tell "
        "what of a difference is noise",
        minimum=1,
        maximum=999,
        paper="1",
    )
    seeds_per_split: int = setting(
        1,
        "repeats in succession that share a split of the subjects and differ in weights alone, so "
        "that noise of weights and of splits can be told apart; where the sheet gives the folds "
        "all do",
        minimum=1,
        paper="silent",
    )
    pairs: str = setting(
        "subject",
        "what the t-tests pair; subjects are the independent unit",
        choices=("subject", "fold", "video"),
        paper="silent; ACC +0.41 n.s. beside F1 +0.09 ** cannot come from five folds",
    )
    reference: str = setting(
        "facs3d",
        "the model that the others are tested against",
        choices=MODEL_NAMES,
        paper="facs3d",
    )
    other_datasets: tuple[str, ...] = setting(
        (),
        "names of other datasets, whose clips lie under results/: what was learnt on this one is "
        "judged on those too; see docs/across-datasets.md",
        fewest=0,
        unique=True,
        pattern=NAME,
        allowed_words="a list of names, each once",
    )
    paper_table1: str | None = setting(
        None,
        "the paper's Table I, shown beside ours, or null",
        allowed_words="a path, or null",
    )
    paper_table2: str | None = setting(
        None,
        "the paper's Table II, shown beside ours, or null",
        allowed_words="a path, or null",
    )
