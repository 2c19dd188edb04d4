"""FACS3D-Net: from face videos to action units, tables, tests and occlusion maps."""

from pathlib import Path

from snakemake.utils import min_version

min_version("9.27")


# The demo's settings are not below those of another `--configfile`.
if not workflow.overwrite_configfiles:

    configfile: str(Path(str(workflow.current_basedir)) / "config" / "config.yaml")


report: "report/workflow.rst"


include: "rules/common.smk"
include: "rules/dataset.smk"
include: "rules/preprocessing.smk"
include: "rules/training.smk"
include: "rules/evaluation.smk"
include: "rules/repeats.smk"
include: "rules/across.smk"
include: "rules/multiverse.smk"
include: "rules/occlusion.smk"
include: "rules/figures.smk"
include: "rules/claims.smk"
include: "rules/prediction.smk"
include: "rules/weights.smk"
include: "rules/controls.smk"


rule all:
    """Every table and figure of the paper for the configured dataset."""
    default_target: True
    input:
        expand("<results>/tables/{table}", table=TABLES),
        expand("<results>/figures/{figure}.{suffix}", figure=FIGURES, suffix=("png", "pdf")),


rule predict:
    """The AUs of new videos: `snakemake predict --cores 1 --config input=my_video.mp4`."""
    input:
        expand("<results>/predictions/{name}.{suffix}", name=NEW_VIDEOS, suffix=PREDICTED),
