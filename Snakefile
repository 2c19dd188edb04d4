"""FACS3D-Net: from face videos to action units, tables, tests and occlusion maps."""

from snakemake.utils import min_version

min_version("9.0")


configfile: "config/config.yaml"


report: "report/workflow.rst"


include: "rules/common.smk"
include: "rules/dataset.smk"
include: "rules/preprocessing.smk"
include: "rules/training.smk"
include: "rules/evaluation.smk"
include: "rules/occlusion.smk"
include: "rules/figures.smk"
include: "rules/prediction.smk"


rule all:
    """Every table and figure of the paper for the configured dataset."""
    default_target: True
    input:
        expand("results/{dataset}/tables/{table}", dataset=DATASET, table=TABLES),
        expand(
            "results/{dataset}/figures/{figure}.{suffix}",
            dataset=DATASET,
            figure=FIGURES,
            suffix=("png", "pdf"),
        ),
        validation_page(),


rule predict:
    """The AUs of new videos: `snakemake predict --cores 1 --config input=my_video.mp4`."""
    input:
        expand(
            "results/{dataset}/predictions/{new_video}.{suffix}",
            dataset=DATASET,
            new_video=NEW_VIDEOS,
            suffix=PREDICTED,
        ),
