"""A SLURM cluster of one node on loopback: installed if need be, stopped without a trace."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PACKAGES = ("slurmctld", "slurmd", "slurm-client", "munge")
PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "srun", "scontrol", "setpriv")
ETC, OTHER = Path("/etc/slurm"), Path("/run/slurm/conf")
PREFIX = "test-slurm-"
MARK = "TEST_CLUSTER_OF_TEST_CLUSTER"
FILES = ("slurm.conf", "gres.conf")
CONFIGURATION = """\
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller_port}
SlurmdPort={node_port}
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.sock
CredType=cred/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SlurmdParameters=config_overrides
EnforcePartLimits=ALL
MinJobAge=3600
KillWait=5
GresTypes=gpu
NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus} RealMemory=512000 Gres=gpu:1 State=UNKNOWN
PartitionName=cpu Nodes={host} Default=YES MaxTime=INFINITE State=UP
PartitionName=gpu Nodes={host} MaxTime=INFINITE State=UP
PartitionName=short Nodes={host} MaxTime=2:00:00 MaxMemPerCPU=4000 State=UP
"""


def obstacle() -> str | None:
    """Why no cluster can be started on this machine, or None; installs SLURM where it can."""
    if os.geteuid() != 0:
        return "SLURM's daemons switch users: only root can start them"
    if "SLURM_CONF" in os.environ:
        return f"this machine has a SLURM of its own: {os.environ['SLURM_CONF']}"
    for link in (ETC / name for name in FILES):
        # What a run that was killed has left behind.
        if link.is_symlink() and link.readlink().parent.name.startswith(PREFIX):
            link.unlink()
    if any((folder / name).exists() for folder in (ETC, OTHER) for name in FILES):
        return f"this machine has a SLURM of its own in {ETC} or {OTHER}"
    if all(map(shutil.which, PROGRAMS)):
        return None
    if not shutil.which("apt-get"):
        return "SLURM is not installed, and apt-get to install it is neither"
    for command in (
        ["apt-get", "update", "-q"],
        ["apt-get", "install", "-qy", "--no-install-recommends", *PACKAGES],
    ):
        done = subprocess.run(
            command,
            env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
            capture_output=True,
            text=True,
        )
        if done.returncode != 0:
            return f"SLURM could not be installed: {' '.join(command)}: {done.stderr.strip()}"
    missing = [program for program in PROGRAMS if not shutil.which(program)]
    return f"SLURM's packages lack {', '.join(missing)}" if missing else None


class Cluster:
    """munged, slurmctld and slurmd with one GPU device, which is the file /dev/null.

    Jobs find the configuration in /etc/slurm (Snakemake's job step drops SLURM_CONF), by links that
    `stop` removes.
    """

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix=PREFIX))
        self.daemons: list[subprocess.Popen] = []
        try:
            self._configure()
            self._start()
        except BaseException:
            self.stop()
            raise

    def _configure(self) -> None:
        # munged wants to be reached by all users.
        self.folder.chmod(0o755)
        for name in ("state", "spool"):
            (self.folder / name).mkdir()
        (self.folder / "munge.key").write_bytes(os.urandom(128))
        (self.folder / "munge.key").chmod(0o600)
        controller_port, node_port = free_ports(2)
        host = socket.gethostname().split(".")[0]
        (self.folder / "slurm.conf").write_text(
            CONFIGURATION.format(
                host=host,
                folder=self.folder,
                controller_port=controller_port,
                node_port=node_port,
                cpus=max(2, os.cpu_count() or 2),
            )
        )
        (self.folder / "gres.conf").write_text(f"NodeName={host} Name=gpu File=/dev/null\n")
        ETC.mkdir(exist_ok=True)
        for name in FILES:
            (ETC / name).unlink(missing_ok=True)
            (ETC / name).symlink_to(self.folder / name)

    def _start(self) -> None:
        here = self.folder
        self._run(
            *("munged", "--foreground", "--force", f"--socket={here}/munge.sock"),
            *(f"--key-file={here}/munge.key", f"--pid-file={here}/munge.pid"),
            *(f"--seed-file={here}/munge.seed", f"--log-file={here}/munge.log"),
        )
        wait_until(lambda: (here / "munge.sock").exists(), "munged's socket")
        self._run("slurmctld", "-D")
        self._run("slurmd", "-D")
        wait_until(lambda: "State=IDLE" in self.tell("scontrol", "show", "node"), "an idle node")

    def _run(self, *command: str) -> None:
        """Start a daemon that ends when this process does, even if that is killed."""
        with open(self.folder / f"{command[0]}.out", "wb") as output:
            self.daemons.append(
                subprocess.Popen(
                    ["setpriv", "--pdeathsig", "TERM", *command],
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    stdin=subprocess.DEVNULL,
                )
            )

    def tell(self, *command: str) -> str:
        """What a SLURM command prints; nothing if it fails."""
        return subprocess.run(command, capture_output=True, text=True).stdout

    def jobs(self) -> list[dict[str, str]]:
        """The scheduler's own records of all jobs so far, oldest first."""
        lines = self.tell("scontrol", "--oneliner", "show", "jobs").splitlines()
        records = [dict(word.partition("=")[::2] for word in line.split()) for line in lines]
        return sorted((job for job in records if "JobId" in job), key=lambda job: int(job["JobId"]))

    @contextmanager
    def owning_children(self) -> Iterator[None]:
        """Mark the processes started meanwhile, and so their jobs, as to be ended by `stop`."""
        os.environ[MARK] = str(self.folder)
        try:
            yield
        finally:
            del os.environ[MARK]

    def stop(self) -> None:
        """Cancel all jobs, end the daemons, remove the folder and the links to it."""
        self.tell("scancel", "--quiet", "--user=root")
        with suppress(TimeoutError):
            wait_until(lambda: not self.tell("squeue", "--noheader"), "the end of all jobs")
        for daemon in reversed(self.daemons):
            daemon.terminate()
            try:
                daemon.wait(20)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()
        for process in self.processes():
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        for name in FILES:
            link = ETC / name
            if link.is_symlink() and link.readlink().parent == self.folder:
                link.unlink()
        shutil.rmtree(self.folder)

    def processes(self) -> list[int]:
        """What was started under `owning_children` and still runs, jobs among it."""
        found, mark = [], f"{MARK}={self.folder}".encode()
        for entry in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if mark in (entry / "environ").read_bytes().split(b"\0"):
                    found.append(int(entry.name))
        return found


def free_ports(number: int) -> list[int]:
    """Ports on loopback that nobody listens on."""
    sockets = [socket.socket() for _ in range(number)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def wait_until(condition: Callable[[], bool], what: str, seconds: float = 30) -> None:
    """Return when ``condition()`` holds; raise :class:`TimeoutError` naming ``what`` if never."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"waited {seconds} s for {what}")
        time.sleep(0.2)
