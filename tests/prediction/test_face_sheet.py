"""The sheet of faces: which are on it, where, and how large it may be."""

import cv2
import numpy as np
import pytest

from facs3d.prediction import face_sheet
from facs3d.prediction.face_sheet import make_face_sheet
from facs3d.prediction.faces import open_faces
from tests.support.predictions import write_faces


def sheet_of(path):
    with open_faces(path) as faces:
        return make_face_sheet(faces)


def test_a_face_every_fifth_of_a_second_lies_where_it_is_said_to(tmp_path):
    path, _ = write_faces(tmp_path, 61, lost=range(10, 17), rate=25.0, side=80)
    sheet = sheet_of(path)
    # From 0.6 to 0.8 s, frame 17 is the first one.
    assert sheet.frames.tolist() == [0, 5, 17, *range(20, 61, 5)]
    image = cv2.imdecode(np.frombuffer(sheet.jpeg, np.uint8), cv2.IMREAD_GRAYSCALE)
    with open_faces(path) as faces:
        for number, frame in enumerate(sheet.frames.tolist()):
            row, column = divmod(number, sheet.columns)
            shown = image[row * 80 : row * 80 + 80, column * 80 : column * 80 + 80]
            place = faces.frame.tolist().index(frame)
            known = faces.read(np.array([place]))[0]
            assert np.corrcoef(shown.ravel(), known.ravel())[0, 1] > 0.9


@pytest.mark.parametrize("side", [24, 200])
def test_larger_faces_are_shrunk(tmp_path, side):
    path, _ = write_faces(tmp_path, 3, side=side)
    sheet = sheet_of(path)
    assert sheet.side == min(side, 80)
    assert (len(sheet.frames), sheet.columns) == (1, 1)


def test_however_long_or_rich_in_detail_it_stays_within_its_size(tmp_path, monkeypatch):
    monkeypatch.setattr(face_sheet, "MOST_FACES", 50)
    path, _ = write_faces(tmp_path, 600, rate=5.0)
    sheet = sheet_of(path)
    assert len(sheet.frames) == 50
    assert np.diff(sheet.frames).max() <= 13
    monkeypatch.setattr(face_sheet, "MOST_BYTES", len(sheet.jpeg) // 3)
    smaller = sheet_of(path)
    assert len(smaller.jpeg) <= len(sheet.jpeg) // 3
    assert smaller.frames.tolist() == sheet.frames[::4].tolist()


def test_a_video_without_a_face_has_no_sheet(tmp_path):
    path, _ = write_faces(tmp_path, 4, lost=range(4))
    assert sheet_of(path) is None
