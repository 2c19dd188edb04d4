"""Draw occlusion sensitivity over the mean face, one panel per AU (Fig. 4), or what of the AUC a
patch costs."""

import argparse

from facs3d.core.program import run
from facs3d.core.settings import add_flags, from_flags
from facs3d.evaluation.occlusion.maps import ACCURACY, MEASURES, read_occlusion
from facs3d.report.figures.occlusion_maps import OcclusionMapSettings, draw_occlusion_maps
from facs3d.report.figures.style import save_figure


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--occlusion", required=True, help="occlusion/<model>/repeat<r>/fold<k>.h5")
    parser.add_argument("--measure", choices=MEASURES, default=ACCURACY, help="what is mapped")
    parser.add_argument("--output-png", required=True)
    parser.add_argument("--output-pdf", required=True)
    add_flags(parser, OcclusionMapSettings)
    args = parser.parse_args()
    settings = from_flags(OcclusionMapSettings, args)
    figure = draw_occlusion_maps(read_occlusion(args.occlusion, args.measure), settings)
    save_figure(figure, args.output_png, args.output_pdf)


if __name__ == "__main__":
    run(main)
