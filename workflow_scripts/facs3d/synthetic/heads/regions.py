"""Where each AU acts on the average head."""

import numpy as np

from facs3d.synthetic.heads import geometry
from facs3d.synthetic.heads.creases import REGION, action_relief
from facs3d.synthetic.heads.expression import action_displacements
from facs3d.synthetic.heads.head_file import load_head
from facs3d.synthetic.heads.layout import SHAPE, texture_points
from facs3d.synthetic.heads.points import point_vertices
from facs3d.synthetic.heads.render import nearness, outside, rasterise, read
from facs3d.synthetic.heads.view import View

SIDE, IOD, DISTANCE = 368, 80.0, 12.0


def action_regions() -> tuple[np.ndarray, np.ndarray]:
    """Regions (12, 368, 368) bool of the average head, 80 px between its eyes: the skin that an AU
    moves by more than a third of its largest movement or furrows by more than a third of its
    deepest furrow; and FaceMesh's points there, (468, 2) float32."""
    vertices = geometry.mean_head()
    focal = IOD * DISTANCE / (2 * np.abs(geometry.eye_contours(vertices)[..., 0].mean(axis=1)[0]))
    view = View(np.eye(3), DISTANCE, float(focal), np.array([SIDE / 2, SIDE / 2]))
    points, turned = view.project(vertices)
    kept = outside()
    triangles = load_head().triangles[kept]
    shown = rasterise(points, nearness(turned)[kept], triangles, (SIDE, SIDE))
    columns, rows = shown.blend(texture_points()).T[:, None]
    regions = np.zeros((len(action_relief()), SIDE, SIDE), bool)
    for region, sides, relief in zip(regions, action_displacements(), action_relief(), strict=True):
        far = np.linalg.norm(sides.sum(axis=0), axis=1)
        moved = shown.blend(far[:, None])[:, 0] > far.max() / 3
        depth = np.zeros(SHAPE, np.float32)
        depth[REGION] = np.abs(relief[..., 0])
        furrowed = read(depth, columns, rows)[:, 0] > depth.max() / 3
        region[shown.rows, shown.columns] = moved | furrowed
    return regions, points[point_vertices()]
