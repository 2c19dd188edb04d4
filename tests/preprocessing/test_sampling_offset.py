"""FaceMesh's half pixel, in both axes: what MediaPipe samples, and where lips are seen to lie."""

import cv2
import numpy as np
import pytest
from scipy.spatial import KDTree

from facs3d.preprocessing.face_mesh import CANONICAL_FACE
from facs3d.preprocessing.landmarks import FaceLandmarker, _import_solution, _sampling_offset
from facs3d.synthetic.images import smooth_curve
from facs3d.synthetic.portrait import LOWER_LIP_BOTTOM, UPPER_LIP_TOP
from tests.support.astronaut_video import portrait

INPUT = 192
"""Side of FaceMesh's input, px."""

CROP = """
input_stream: "image"
input_stream: "square"
output_stream: "floats"
node {
  calculator: "ImageToTensorCalculator"
  input_stream: "IMAGE:image"
  input_stream: "NORM_RECT:square"
  output_stream: "TENSORS:tensors"
  options: {
    [mediapipe.ImageToTensorCalculatorOptions.ext] {
      output_tensor_width: 192
      output_tensor_height: 192
      output_tensor_float_range { min: 0.0 max: 255.0 }
    }
  }
}
node {
  calculator: "TensorsToFloatsCalculator"
  input_stream: "TENSORS:tensors"
  output_stream: "FLOATS:floats"
}
"""


def crop(rgb: np.ndarray, centre: float, side: float, rotation: float) -> np.ndarray:
    """What MediaPipe's CPU code cuts out for FaceMesh, (192, 192, 3), of a square image."""
    _import_solution("face_mesh")
    from mediapipe.framework.formats import rect_pb2
    from mediapipe.python import packet_creator, packet_getter
    from mediapipe.python._framework_bindings import calculator_graph, image_frame

    width = len(rgb)
    place = {"x_center": centre / width, "y_center": centre / width, "rotation": rotation}
    square = rect_pb2.NormalizedRect(width=side / width, height=side / width, **place)
    form = image_frame.ImageFormat.SRGB
    packets = {
        "image": packet_creator.create_image_frame(image_format=form, data=rgb),
        "square": packet_creator.create_proto(square),
    }
    found = []
    graph = calculator_graph.CalculatorGraph(graph_config=CROP)
    graph.observe_output_stream("floats", lambda _, packet: found.append(packet))
    graph.start_run()
    for name, packet in packets.items():
        graph.add_packet_to_input_stream(name, packet.at(1))
    graph.wait_until_idle()
    graph.close()
    return np.array(packet_getter.get_float_list(found[0])).reshape(INPUT, INPUT, 3)


@pytest.mark.parametrize("degrees", [0, 90, 180])
@pytest.mark.parametrize("side", [48, 96, 192])
def test_the_crop_is_half_an_input_pixel_off_in_both_axes(side, degrees):
    """Every pixel holds its own coordinates. FaceMesh's answer for its pixel j is j + 1/2 along
    the square; what it saw there lies :func:`_sampling_offset` before that."""
    y, x = np.mgrid[:256, :256]
    rgb = np.dstack([x, y, 0 * x]).astype(np.uint8)
    turn = np.radians(degrees)
    along, down = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    # Landmarks whose square it is: the eyes' outer corners level, the longer side two thirds.
    points = np.zeros((468, 2)) + 128
    points[[33, 263]] += np.outer((-side / 3, side / 3), along)
    seen = crop(rgb, 128, side, turn)
    for row, column in ((60, 40), (148, 96), (96, 148)):
        share = (np.array([column, row]) + 0.5) / INPUT - 0.5
        answer = 128 + side * (share[0] * along + share[1] * down)
        truth = answer - _sampling_offset(points)
        np.testing.assert_allclose(seen[row, column, :2], truth, atol=0.02)


READ_AT = np.array([[1.826814, 0.097177, -236.6443], [-0.097177, 1.826814, 18.5792]])
"""The map from the portrait to the picture in which the lips' outlines were read off; the eyes are
80 px apart there."""

LIP_EDGES = (
    ((40, 39, 37, 0, 267, 269, 270), UPPER_LIP_TOP),
    ((91, 181, 84, 17, 314, 405, 321), LOWER_LIP_BOTTOM),
)


def test_the_outline_of_the_lips_is_right_vertically():
    """An edge without fold or lashes, unlike the lids'. Left as FaceMesh gives it, it would lie
    1 % of the eye distance too low. In the picture and in its mirror image."""
    partner = KDTree(CANONICAL_FACE).query(CANONICAL_FACE * (-1, 1, 1))[1]
    rng = np.random.default_rng(0)
    errors, width = [], 640
    for place in range(12):
        turn = cv2.getRotationMatrix2D((184, 215), rng.uniform(-12, 12), rng.uniform(0.9, 2))
        turn[:, 2] += (width / 2 - 184 + rng.uniform(-9, 9), 240 - 215 + rng.uniform(-9, 9))
        whole = (np.vstack([turn, (0, 0, 1)]) @ np.vstack([READ_AT, (0, 0, 1)]))[:2]
        image = cv2.warpAffine(
            portrait(), whole, (width, 480), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
        )
        if place % 2:
            image = np.ascontiguousarray(image[:, ::-1])
        with FaceLandmarker() as landmarker:
            found = landmarker.detect(image)[:, :2]
        if place % 2:
            found = (found * (-1, 1) + (width - 1, 0))[partner]
        back = cv2.invertAffineTransform(turn)
        points = found @ back[:, :2].T + back[:, 2]
        for indices, outline in LIP_EDGES:
            x, y = points[list(indices)].T
            errors.append((y - np.interp(x, *smooth_curve(outline, 80).T)).mean() / 80)
    assert abs(np.mean(errors)) < 0.004
