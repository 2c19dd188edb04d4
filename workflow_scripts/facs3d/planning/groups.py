"""What Snakemake says of a group of jobs that failed."""

from snakemake.jobs import GroupJob
from snakemake.logging import logger


def say_why_groups_fail() -> None:
    """Let the reason be said for which a group of jobs failed, such as a scheduler's for refusing
    it: Snakemake 9.27 says it of single jobs only."""
    log_error = GroupJob.log_error
    if log_error.__module__ == __name__:
        return

    def with_reason(self: GroupJob, msg: str | None = None, **kwargs: object) -> None:
        if msg:
            logger.error(f"error: group {self.groupid}: {msg}")
        log_error(self, msg, **kwargs)

    GroupJob.log_error = with_reason
