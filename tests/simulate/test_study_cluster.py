"""Studies on a Dask cluster: the same numbers, with certificates, and with a worker killed half-way."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
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
    """The documented recipe on one machine: a scheduler and workers, each one process; yields address and workers."""
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
        yield address, running[1:]
    finally:
        for process in reversed(running):
            process.terminate()
            process.wait(20)


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
    with running_cluster("tcp", tmp_path, 2) as (address, workers):
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


def test_no_scheduler_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    needs("distributed")
    monkeypatch.setattr("gluteal.simulate.study.pool.PATIENCE", 1)
    with pytest.raises(InputError, match=r"No Dask scheduler answers at 'tcp://127\.0\.0\.1:1'; start one with"):
        run_study(write(tmp_path), out=tmp_path / "a.nc", scheduler="tcp://127.0.0.1:1")
    with pytest.raises(InputError, match="Give either the address of a scheduler or a number of local workers"):
        run_study(write(tmp_path), out=tmp_path / "a.nc", scheduler="tcp://127.0.0.1:1", workers=2)


def test_a_worker_of_another_version_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def elsewhere(plan: StudySpec, unit: tuple[int, int, int]) -> dict[str, Any]:
        return {"versions": {"gluteal": "0.0.1"}, "arrays": {}}

    monkeypatch.setattr("gluteal.simulate.study.pool.solve_unit", elsewhere)
    with pytest.raises(InputError, match=r"A worker has .*0\.0\.1.*: install the same versions everywhere"):
        run_study(write(tmp_path), out=tmp_path / "a.nc", workers=0)
