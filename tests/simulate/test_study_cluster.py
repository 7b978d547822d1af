"""Studies on a Dask cluster: the same numbers, with certificates, and what is told where somebody in it is lost."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import xarray as xr
from tests.helpers.packages import needs

from gluteal.errors import InputError
from gluteal.simulate.study import StudySpec, run_study

PLAN = """
seed = 7
people = 11
chunk = 2

[[movement]]
task = "single-leg-stance"

[[condition]]
side = "r"
block = { "superior gluteal" = 0.52 }

[[condition]]
side = "r"
strength-loss = { "hip abduction" = 0.3 }
"""
#: The environment of child processes: as here, one numerical thread each.
ENVIRONMENT = os.environ | {"GLUTEAL_THREADS": "1", "OMP_NUM_THREADS": "1"}


def write(folder: Path, text: str = PLAN) -> Path:
    path = folder / "plan.toml"
    path.write_text(text)
    return path


@contextmanager
def running_cluster(protocol: str, folder: Path, workers: int, more: Sequence[str] = ()) -> Iterator[Any]:
    """The documented recipe on one machine; yields the address and the processes, that of the scheduler first."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"{protocol}://127.0.0.1:{probe.getsockname()[1]}"
    dask = [sys.executable, "-m", "dask"]
    alone = ["--nthreads", "1", "--no-nanny", "--no-dashboard", "--local-directory", str(folder)]
    commands = [[*dask, "scheduler", "--host", address, "--no-dashboard", *more]]
    commands += [[*dask, "worker", address, *alone, *more]] * workers
    running = [
        subprocess.Popen(c, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for c in commands
    ]
    try:
        yield address, running
    finally:
        for process in reversed(running):
            process.send_signal(signal.SIGCONT)
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@pytest.fixture(scope="module")
def through(tmp_path_factory: pytest.TempPathFactory) -> xr.Dataset:
    """The study, run through in this process."""
    folder = tmp_path_factory.mktemp("study")
    return run_study(write(folder), out=folder / "through.nc", workers=0)


@pytest.mark.slow
def test_a_cluster_gives_the_same_numbers_though_a_worker_dies(
    tmp_path: Path, through: xr.Dataset, caplog: pytest.LogCaptureFixture
) -> None:
    """One of two workers is killed half-way. To the last digit, certificates included; no encryption, which is said."""
    distributed = needs("distributed")
    with running_cluster("tcp", tmp_path, 2) as (address, (_, *workers)):
        with distributed.Client(address) as client:
            client.wait_for_workers(2, timeout=60)
        done: list[int] = []

        def progress(count: int, of: int) -> None:
            done.append(count)
            if count == of // 2:
                os.kill(workers[0].pid, signal.SIGKILL)

        found = run_study(write(tmp_path), out=tmp_path / "a.nc", scheduler=address, progress=progress)
        assert workers[0].wait(20) == -signal.SIGKILL and workers[1].poll() is None
    assert done == list(range(7))
    assert f"{address} is not encrypted, and whoever reaches it can run code there as you" in caplog.text
    xr.testing.assert_identical(found, through)
    assert float(found["certificate"].max()) < 1e-6


@pytest.mark.slow
def test_a_cluster_with_certificates(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """TLS as Dask is configured: a scheduler and a worker with throw-away certificates; nobody else gets in."""
    dask, distributed = needs("dask"), needs("distributed")
    if shutil.which("openssl") is None:
        pytest.skip("openssl makes the certificates, and is not installed")
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost"),
            *("-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)),
        ],
        check=True,
        capture_output=True,
    )
    own = {"cert": str(certificate), "key": str(key)}
    # Key by key: a whole table would drop Dask's own defaults.
    tls = {"distributed.comm.tls.ca-file": str(certificate)}
    tls |= {
        f"distributed.comm.tls.{who}.{what}": own[what] for who in ("client", "scheduler", "worker") for what in own
    }
    plan = write(tmp_path, PLAN.replace("people = 11", "people = 1"))
    files = ["--tls-ca-file", str(certificate), "--tls-cert", str(certificate), "--tls-key", str(key)]
    with running_cluster("tls", tmp_path, 1, files) as (address, _):
        with pytest.raises(InputError, match=r"asks for TLS, but Dask's configuration names no certificates; set d"):
            run_study(plan, out=tmp_path / "a.nc", scheduler=address)
        with dask.config.set(tls):
            found = run_study(plan, out=tmp_path / "a.nc", scheduler=address)
        assert "is not encrypted" not in caplog.text
        with pytest.raises((OSError, ValueError)):
            distributed.Client(address.replace("tls://", "tcp://"), timeout=2)
    here = run_study(plan, out=tmp_path / "b.nc", workers=0)
    xr.testing.assert_identical(found, here)


@contextmanager
def listening(answer: bytes) -> Iterator[str]:
    """Something that is no scheduler: takes every connection and sends `answer`; yields its address."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        held: list[socket.socket] = []

        def serve() -> None:
            while True:
                try:
                    held.append(server.accept()[0])
                    held[-1].sendall(answer)
                except OSError:
                    return

        threading.Thread(target=serve, daemon=True).start()
        yield f"tcp://127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)
        for one in held:
            one.close()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> float:
    """How long a study waits for anybody here, s."""
    needs("distributed")
    monkeypatch.setattr("gluteal.simulate.study.cluster.PATIENCE", 3.0)
    return 3.0


@pytest.mark.parametrize("answer", [None, b"", b"HTTP/1.0 400 Bad Request\r\n\r\n", b"\xff" * 4096])
def test_no_scheduler_is_told(tmp_path: Path, impatient: float, answer: bytes | None) -> None:
    """Nobody; one who never answers; others, who speak another language."""
    with listening(answer or b"") as found:
        address = "tcp://127.0.0.1:1" if answer is None else found
        began = time.monotonic()
        with pytest.raises(InputError, match=f"No Dask scheduler answers at '{address}'; start one with"):
            run_study(write(tmp_path), out=tmp_path / "a.nc", scheduler=address)
        assert time.monotonic() - began < impatient + 5.0
    assert [path.name for path in tmp_path.iterdir()] == ["plan.toml"]


def test_two_places_to_work_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Give either the address of a scheduler or a number of local workers"):
        run_study(write(tmp_path), out=tmp_path / "a.nc", scheduler="tcp://127.0.0.1:1", workers=2)


@pytest.mark.slow
def test_a_scheduler_without_workers_is_told(tmp_path: Path, impatient: float) -> None:
    with running_cluster("tcp", tmp_path, 0) as (address, _):
        with socket.socket() as probe:  # it takes seconds to start
            host, port = address.removeprefix("tcp://").split(":")
            while probe.connect_ex((host, int(port))):
                time.sleep(0.2)
        with pytest.raises(InputError, match=r"has no workers; start some with 'dask worker tcp://127"):
            run_study(write(tmp_path), out=tmp_path / "a.nc", scheduler=address)
    assert [path.name for path in tmp_path.iterdir()] == ["plan.toml"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("who", "number", "told"),
    [
        (0, signal.SIGKILL, "(went away|no longer answers); start it again"),
        (0, signal.SIGSTOP, "no longer answers; start it again"),
        (1, signal.SIGKILL, "has no longer any workers; start some with"),
    ],
)
def test_whoever_is_lost_half_way_is_told(
    tmp_path: Path, impatient: float, who: int, number: int, told: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """A scheduler that dies or hangs, the only worker that dies: soon, in a sentence; what is solved is kept."""
    plan = write(tmp_path, PLAN.replace("people = 11", "people = 301"))
    with running_cluster("tcp", tmp_path, 1) as (address, processes):
        with needs("distributed").Client(address) as client:
            client.wait_for_workers(1, timeout=60)

        def progress(count: int, of: int) -> None:
            if count == 1:
                processes[1].send_signal(signal.SIGSTOP)  # so that something is left to do
                processes[who].send_signal(number)

        began = time.monotonic()
        with pytest.raises(InputError, match=f"{told}.* What is solved is kept: go on with --resume"):
            run_study(plan, out=tmp_path / "a.nc", scheduler=address, progress=progress)
        assert time.monotonic() - began < 30.0
    assert "Traceback" not in capfd.readouterr().err
    assert {path.name for path in tmp_path.iterdir()} - {"dask-scratch-space"} == {"plan.toml", "a.nc.parts"}
    assert list((tmp_path / "a.nc.parts").glob("part-*.npz"))


def test_a_worker_of_another_version_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def elsewhere(plan: StudySpec, unit: tuple[int, int, int]) -> dict[str, Any]:
        return {"versions": {"gluteal": "0.0.1"}, "arrays": {}}

    monkeypatch.setattr("gluteal.simulate.study.pool.solve_unit", elsewhere)
    with pytest.raises(InputError, match=r"A worker has .*0\.0\.1.*: install the same versions everywhere"):
        run_study(write(tmp_path), out=tmp_path / "a.nc", workers=0)
