"""The videos of the synthetic dataset, before they are rendered.

The workflow reads this before it has an environment.
"""

from facs3d.datasets.sheet import Video
from facs3d.synthetic.names import synthetic_subjects, synthetic_tasks


def synthetic_sheet(root: str, n_subjects: int, videos_per_subject: int) -> list[Video]:
    """The videos of the synthetic dataset, before they are rendered: F001_T1, F001_T2, …"""
    return [
        Video(
            video=f"{subject}_{task}",
            subject=subject,
            task=task,
            path=f"{root}/Videos/{subject}/{task}.avi",
            label_path=f"{root}/AUCoding/AU_OCC/{subject}_{task}.csv",
        )
        for subject in synthetic_subjects(n_subjects)
        for task in synthetic_tasks(videos_per_subject)
    ]
