"""Repeats: what of the differences between models another seed, split or sample would leave."""


rule compare_repeats:
    """Tests of the reference model against each other model over all repeats (Table II-R)."""
    input:
        by_fold=rules.aggregate_metrics.output.by_fold,
        by_subject=rules.aggregate_metrics.output.by_subject,
        by_pair=rules.paired_ttests.input.metrics,
        folds=rules.aggregate_metrics.input.folds,
    output:
        table="<results>/tables/table2_repeats.csv",
        table_html=shown(
            "<results>/tables/table2_repeats.html", "results", "Table II-R: over all repeats"
        ),
        table_latex="<results>/tables/table2_repeats.tex",
    log:
        "<logs>/compare_repeats.log",
    conda:
        ANALYSIS
    resources:
        **FIGURE,
    params:
        **program("compare_repeats.py"),
        pairs=config["evaluation"]["pairs"],
        reference=config["evaluation"]["reference"],
    shell:
        r"""
        python {params.script} \
            --metrics-by-fold {input.by_fold} \
            --metrics-by-subject {input.by_subject} \
            --metrics-by-pair {input.by_pair} \
            --folds {input.folds} \
            --pairs {params.pairs} \
            --reference {params.reference} \
            --output-table {output.table} \
            --output-table-html {output.table_html} \
            --output-table-latex {output.table_latex} \
            >{log} 2>&1
        """


rule decompose_variance:
    """What of the scores' variance is of seeds, of splits and of subjects."""
    input:
        metrics=rules.aggregate_metrics.output.by_subject,
    output:
        **figure("variance", "results", "What results are uncertain of"),
        table="<results>/tables/variance.csv",
    log:
        "<logs>/decompose_variance.log",
    conda:
        ANALYSIS
    resources:
        **FIGURE,
    params:
        **program("decompose_variance.py"),
        reference=config["evaluation"]["reference"],
    shell:
        r"""
        python {params.script} \
            --metrics {input.metrics} \
            --reference {params.reference} \
            --output-table {output.table} \
            --output-png {output.png} \
            --output-pdf {output.pdf} \
            >{log} 2>&1
        """
