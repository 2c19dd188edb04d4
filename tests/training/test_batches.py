"""Batches: their order, their frames, and augmentation."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from facs3d.core.errors import InputError
from facs3d.datasets.folds import read_folds
from facs3d.preprocessing.clips import open_clips
from facs3d.training.batches import (
    Batch,
    BatchOptions,
    TrainingClips,
    augment,
    draw_batches,
    draw_order,
    split_clips,
)
from facs3d.training.clip_memory import place_clips


def first_batch(clips: TrainingClips, options: BatchOptions) -> Batch:
    memory = place_clips(clips.frames, torch.device("cpu"))
    return next(draw_batches(clips, memory, [np.arange(len(clips))], options, seed=1, epoch=1))


def test_every_clip_once_an_epoch_in_an_order_of_its_own():
    orders = [draw_order(7, 3, seed=1, epoch=epoch) for epoch in (1, 2, 1)]
    assert [len(batch) for batch in orders[0]] == [3, 3, 1]
    flat = [np.concatenate(order).tolist() for order in orders]
    assert sorted(flat[0]) == list(range(7))
    assert flat[0] == flat[2] != flat[1]


def test_chosen_frames_are_labelled_ones_and_keep_their_labels(clips):
    labels = clips.labels.copy()
    labels[:, 1] = -1
    labels[0, 1:] = -1
    clips = replace(clips, labels=labels)
    batch = first_batch(clips, BatchOptions(frames_per_clip=2))
    assert batch.frames.shape == (8, 2)
    assert batch.labels.shape == (8, 2, 3)
    for clip, frames in enumerate(batch.frames.tolist()):
        assert frames == sorted(set(frames))
        np.testing.assert_array_equal(batch.labels[clip], labels[clip, frames])
    assert 1 not in batch.frames[1:]
    assert 0 in batch.frames[0]


def test_augmentation_moves_and_mirrors_the_whole_clip():
    clip = torch.arange(2 * 3 * 3, dtype=torch.uint8).reshape(2, 3, 3)
    np.testing.assert_array_equal(augment(clip, True, 0, 0), clip.numpy()[:, :, ::-1])
    moved = augment(clip, False, down=1, right=-1)
    np.testing.assert_array_equal(moved[0], [[1, 2, 2], [1, 2, 2], [4, 5, 5]])
    np.testing.assert_array_equal(moved[1], moved[0] + 9)
    both = augment(clip, True, down=0, right=1)
    np.testing.assert_array_equal(both[0], [[2, 2, 1], [5, 5, 4], [8, 8, 7]])


def test_augmented_batches_leave_the_data_alone(clips):
    before = clips.frames.copy()
    batch = first_batch(clips, BatchOptions(mirror=True, shift=2))
    np.testing.assert_array_equal(clips.frames, before)
    assert (batch.clips.numpy() != before).any()


def test_folds_that_do_not_fit_the_clips(data):
    clips, folds = open_clips(data[0]), read_folds(data[1])
    training, test = split_clips(clips, folds, 2)
    assert not {clips.subject[i] for i in training} & {clips.subject[i] for i in test}
    assert len(training) + len(test) == len(clips)
    with pytest.raises(InputError, match="'F004' is in no fold"):
        split_clips(clips, {name: fold for name, fold in folds.items() if name != "F004"}, 1)
    with pytest.raises(InputError, match="fold 3 leaves no clip held out"):
        split_clips(clips, {**folds, "F999": 3}, 3)
    with pytest.raises(InputError, match="fold 1 leaves no clip to train on"):
        split_clips(clips, dict.fromkeys(folds, 1), 1)
