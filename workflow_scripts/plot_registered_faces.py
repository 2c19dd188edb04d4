"""Draw a contact sheet of registered faces with the places where their eyes belong."""

import argparse

from facs3d.core.program import run
from facs3d.core.settings import add_flags, from_flags
from facs3d.preprocessing.alignment import RegistrationSettings
from facs3d.preprocessing.clips import open_clips
from facs3d.report.figures.registered_faces import (
    RegisteredFacesSettings,
    draw_registered_faces,
    expected_eyes,
)
from facs3d.report.figures.style import save_figure


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", required=True, help="clips.h5")
    parser.add_argument("--output-png", required=True)
    parser.add_argument("--output-pdf", required=True)
    add_flags(parser, RegisteredFacesSettings)
    add_flags(parser, RegistrationSettings, "registration-")
    args = parser.parse_args()
    settings = from_flags(RegisteredFacesSettings, args)
    clips = open_clips(args.clips)
    registration = from_flags(RegistrationSettings, args, "registration-")
    eyes = expected_eyes(registration, clips.frame_shape[2])
    figure = draw_registered_faces(clips, eyes, settings)
    save_figure(figure, args.output_png, args.output_pdf)


if __name__ == "__main__":
    run(main)
