"""Rendered heads: what AUs and other movements do to their mesh, and what they leave alone."""

import numpy as np
import pytest

from facs3d.core.action_units import PAPER_AUS
from facs3d.core.seeding import generator
from facs3d.synthetic.heads import geometry
from facs3d.synthetic.heads.behaviour import draw_others
from facs3d.synthetic.heads.camera import draw_take
from facs3d.synthetic.heads.expression import OTHERS, action_displacements, other_displacements
from facs3d.synthetic.heads.head_file import (
    LOWER_TEETH,
    UPPER_TEETH,
    load_head,
)
from facs3d.synthetic.heads.points import point_vertices
from facs3d.synthetic.heads.raster import rasterise
from facs3d.synthetic.heads.render import nearness, outside
from facs3d.synthetic.heads.view import View
from tests.support.heads import AT_REST, actor, showing


def height(points: np.ndarray, *of: int) -> float:
    return float(points[list(of), 1].mean())


def apart(points: np.ndarray, first: int, second: int) -> float:
    return float(np.linalg.norm(points[first] - points[second]))


CHANGES = {
    1: ("inner brows rise", lambda p: height(p, 107, 336, 55, 285), 0.04),
    2: ("outer brows rise", lambda p: height(p, 63, 105, 293, 334), 0.03),
    4: ("brows come down and together", lambda p: -height(p, 107, 336) - apart(p, 107, 336), 0.04),
    6: ("cheeks rise", lambda p: height(p, 118, 347), 0.03),
    7: ("lids close in", lambda p: -apart(p, 159, 145) - apart(p, 386, 374), 0.03),
    10: ("the upper lip rises", lambda p: height(p, 37, 267), 0.03),
    12: ("corners go up and out", lambda p: height(p, 61, 291) + apart(p, 61, 291), 0.10),
    14: ("corners go in", lambda p: -float(p[[61, 291], 2].mean()), 0.02),
    15: ("corners go down", lambda p: -height(p, 61, 291), 0.05),
    17: ("the chin and the lower lip rise", lambda p: height(p, 199, 17), 0.03),
    23: ("the mouth narrows", lambda p: -apart(p, 61, 291), 0.08),
    24: ("lips close up", lambda p: height(p, 17) - height(p, 0), 0.03),
}


@pytest.mark.parametrize("au", PAPER_AUS)
def test_each_au_moves_what_facs_says(au):
    """In dm, on the mean head (0.58 dm between the eyes) and on people."""
    _, measure, least = CHANGES[au]
    index, points = PAPER_AUS.index(au), point_vertices()
    mean = geometry.mean_head()
    moved = mean + action_displacements()[index].sum(axis=0)
    assert measure(moved[points]) - measure(mean[points]) > least
    others = np.zeros(len(OTHERS), np.float32)
    for name in ("F001", "F002", "F003"):
        person = actor(name)
        neutral = person.moved(AT_REST, others)[points]
        shown = person.moved(showing(au)[0] / 5, others)[points]
        half = person.moved(showing(au)[0] / 10, others)[points]
        assert measure(shown) - measure(neutral) > least / 3
        assert measure(neutral) < measure(half) < measure(shown)


LEAKS = {
    "AU1 leaves the outer brows": (1, (70, 300, 46, 276), 0.01),
    "AU2 leaves the brows' inner ends": (2, (55, 285), 0.02),
    "AU10 leaves the brows": (10, (107, 336, 55, 285, 105, 334), 0.002),
    "AU14 leaves the corners' height": (14, (61, 291), 0.015),
    "AU15 leaves the middle of the lips": (15, (0, 13, 14, 17), 0.01),
    "AU24 leaves the corners": (24, (61, 291), 0.01),
}


@pytest.mark.parametrize(("au", "still", "most"), LEAKS.values(), ids=LEAKS)
def test_an_au_does_not_look_like_another(au, still, most):
    """Heights in dm, on the mean head."""
    moved = action_displacements()[PAPER_AUS.index(au)].sum(axis=0)
    assert abs(moved[point_vertices()[list(still)], 1]).max() < most


def test_squeezed_eyes_are_not_shut():
    """AUs 6 and 7 leave half of the eye's opening; a blink leaves none."""
    others = np.zeros(len(OTHERS), np.float32)
    blink = others.copy()
    blink[OTHERS.index("eyeBlink")] = 1
    for name in ("F001", "F002", "F003", "F004", "F005", "F006"):
        rest, shut = (
            geometry.lid_opening(actor(name).moved(AT_REST, weights)) for weights in (others, blink)
        )
        for aus in ((7,), (6, 7)):
            opening = geometry.lid_opening(actor(name).moved(showing(*aus)[0] / 5, others))
            assert 0.45 * rest < opening < 0.8 * rest
        assert shut < 0.1 * rest


def test_what_one_side_does_leaves_the_other():
    right, left = action_displacements()[PAPER_AUS.index(12)]
    points = point_vertices()
    assert np.linalg.norm(right[points[61]]) > 10 * np.linalg.norm(right[points[291]])
    assert np.linalg.norm(left[points[291]]) > 10 * np.linalg.norm(left[points[61]])


def test_lids_do_not_cross():
    """Together AUs 6 and 7 narrow an eye; a blink with them closes it, no more."""
    points, others = point_vertices(), np.zeros(len(OTHERS), np.float32)
    blink = others.copy()
    blink[OTHERS.index("eyeBlink")] = 1
    for name in ("F001", "F002", "F003", "F004"):
        narrowed = actor(name).moved(showing(6, 7)[0] / 5, others)[points]
        closed = actor(name).moved(showing(6, 7)[0] / 5, blink)[points]
        gap, shut = (found[159, 1] - found[145, 1] for found in (narrowed, closed))
        assert gap > 0
        assert -0.02 < shut < 0.5 * (actor(name).vertices[points[159], 1] - narrowed[145, 1])


def test_pressed_lips_stay_shut_and_everybody_blinks_in_time():
    opening = [OTHERS.index(name) for name in ("jawOpen", "mouthLowerDown", "mouthFunnel")]
    shut, free = np.zeros((200, 12)), np.zeros((200, 12))
    shut[:, PAPER_AUS.index(24)] = 1
    opened = {True: [], False: []}
    for n in range(12):
        for pressed, shares in ((True, shut), (False, free)):
            weights = draw_others(generator(n, "others"), shares)
            opened[pressed].append(weights[:, opening].max())
            assert weights[:, OTHERS.index("eyeBlink")].max() == 1
            assert (weights >= 0).all()
    assert max(opened[True]) == 0
    assert max(opened[False]) > 0.2
    assert other_displacements().shape == (len(OTHERS), len(load_head().vertices), 3)


def test_a_grin_shows_teeth_from_corner_to_corner():
    """A smile that parts the lips; a shut one shows hardly any."""
    others = np.zeros((2, len(OTHERS)), np.float32)
    for name, weight in (("mouthLowerDown", 1.0), ("mouthUpperUp", 0.35)):
        others[1, OTHERS.index(name)] = weight
    head, kept = load_head(), outside()
    tooth = np.isin(head.parts[kept], (UPPER_TEETH, LOWER_TEETH))
    widths = []
    for weights in others:
        vertices = actor("F010").moved(showing(12)[0] / 5, weights)
        view = View(np.eye(3), 10.0, 2000.0, np.array([150.0, 60.0]))
        points, turned = view.project(vertices)
        shown = rasterise(points, nearness(turned)[kept], head.triangles[kept], (300, 300))
        columns = shown.columns[tooth[shown.triangle]]
        widths.append(np.ptp(columns) if len(columns) > 50 else 0)
    corners = np.ptp(points[point_vertices()[[61, 291]], 0])
    assert widths[0] < 0.3 * corners
    assert widths[1] > 0.6 * corners


def test_at_twice_the_frame_rate_the_same_takes_twice_as_many_frames():
    """100 frames at 25 a second, and 200 at 50: blinks, gaze, mouth, head and light."""
    for n in range(6):
        slow, fast = (
            draw_others(generator(n, "others"), np.zeros((frames, 12)), rate)
            for frames, rate in ((100, 25), (200, 50))
        )
        np.testing.assert_allclose(fast[::2], slow, atol=1e-6)
        slow, fast = (
            draw_take(generator(n, "take"), frames, (288, 320), 1.0, 2.5, rate)
            for frames, rate in ((100, 25), (200, 50))
        )
        np.testing.assert_allclose(fast.pose[::2], slow.pose)
        for early, late in zip(slow.lights, fast.lights[::2], strict=True):
            np.testing.assert_allclose(late.direction, early.direction, atol=1e-6)
