"""Build hook: compiles the native kernels into a wheel, or into the tree of an editable installation."""

from __future__ import annotations

import os
import platform
import sysconfig
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

#: Names the platform of the wheel, where it is for another machine (`gluteal.kernels.native.build.TARGETS`).
PLATFORM = "GLUTEAL_WHEEL_PLATFORM"


class NativeKernels(BuildHookInterface):
    """What `hatchling` calls; the building itself is `gluteal.kernels.native.build`."""

    def dependencies(self) -> list[str]:
        """Ask for Zig only where it is needed: there is no compiler, or it is another machine's wheel."""
        return ["ziglang>=0.15.1"] if os.environ.get(PLATFORM) or not self._builder().find_compiler() else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the library, and say that the wheel is for one platform and any Python."""
        del version
        builder, tag = self._builder(), os.environ.get(PLATFORM, "")
        here = builder.LIBRARY
        out = here.with_suffix(builder.TARGETS[tag].ending) if tag else here
        builder.build_library(out, tag)
        build_data["artifacts"].append(out.relative_to(self.root).as_posix())
        build_data["pure_python"] = False
        # A Python for both kinds of Mac still gets a library for this one.
        here_platform = sysconfig.get_platform().replace("universal2", platform.machine())
        build_data["tag"] = f"py3-none-{tag or here_platform.replace('-', '_').replace('.', '_')}"

    def _builder(self) -> ModuleType:
        """Return the builder, from its file: the package need not be importable yet."""
        path = Path(self.root) / "src" / "gluteal" / "kernels" / "native" / "build.py"
        spec = spec_from_file_location("native_build", path)
        assert spec is not None and spec.loader is not None
        builder = module_from_spec(spec)
        spec.loader.exec_module(builder)
        return builder
