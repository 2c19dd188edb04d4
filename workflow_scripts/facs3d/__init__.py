"""FACS3D-Net: facial action-unit detection from video, in ten rooms of modules."""

from facs3d.core.program import end_with_parents

# Before all other imports, which take a job seconds: an orphan must not outlive even those.
end_with_parents()
