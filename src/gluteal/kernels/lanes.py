"""Several frames at once: `WIDTH` numbers that the processor treats as one.

Frames of a few rows and tens of columns are too small for a compiler to vectorise well: loops end before they are
up to speed, and a Cholesky factor of five rows is one long chain. Taken across frames, every step of the work is
the same for all of them. A `Lanes` holds one number of each frame; arrays of lanes are arrays (n, WIDTH), read and
written by `load` and `store`. Comparisons give a `Mask`, and `choose` takes from either side.

Each lane's arithmetic is its own, so what a frame comes to does not depend on the lane it is in or on the frames
in the others.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic, models, overload, register_model

#: Frames at a time: the doubles of one 256-bit register. Eight are no faster, also where registers have 512 bits.
WIDTH = 4

_DOUBLES = ir.VectorType(ir.DoubleType(), WIDTH)
_BITS = ir.VectorType(ir.IntType(1), WIDTH)


class Lanes(types.Type):
    """Numba's type of `WIDTH` doubles."""

    def __init__(self) -> None:
        super().__init__(name="Lanes")


class Mask(types.Type):
    """Numba's type of `WIDTH` truths."""

    def __init__(self) -> None:
        super().__init__(name="Mask")


lanes_type, mask_type = Lanes(), Mask()


@register_model(Lanes)
class _LanesModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, _DOUBLES)


@register_model(Mask)
class _MaskModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, _BITS)


def _operation(
    result: types.Type, *arguments: types.Type
) -> Callable[[Callable[..., ir.Value]], Callable[..., ir.Value]]:
    """Make a function of a builder and values an operation of kernels, on arguments of exactly these types."""

    def wrap(emit: Callable[..., ir.Value]) -> Callable[..., ir.Value]:
        def codegen(context, builder, signature, values):  # type: ignore[no-untyped-def]
            return emit(builder, *values)

        if len(arguments) == 1:

            @intrinsic
            def one(typing, a):  # type: ignore[no-untyped-def]
                return (result(a), codegen) if (a,) == arguments else None

            return one
        if len(arguments) == 2:

            @intrinsic
            def two(typing, a, b):  # type: ignore[no-untyped-def]
                return (result(a, b), codegen) if (a, b) == arguments else None

            return two

        @intrinsic
        def three(typing, a, b, c):  # type: ignore[no-untyped-def]
            return (result(a, b, c), codegen) if (a, b, c) == arguments else None

        return three

    return wrap


def _call(builder: ir.IRBuilder, name: str, *values: ir.Value) -> ir.Value:
    """Call one of LLVM's functions of double vectors."""
    kind = ir.FunctionType(_DOUBLES, [_DOUBLES] * len(values))
    function = builder.module.globals.get(name) or ir.Function(builder.module, kind, name)
    return builder.call(function, values)


@_operation(lanes_type, types.float64)
def fill_lanes(builder: ir.IRBuilder, number: ir.Value) -> ir.Value:
    """Return lanes of one number."""
    one = builder.insert_element(ir.Constant(_DOUBLES, ir.Undefined), number, ir.Constant(ir.IntType(32), 0))
    places = ir.Constant(ir.VectorType(ir.IntType(32), WIDTH), [0] * WIDTH)
    return builder.shuffle_vector(one, ir.Constant(_DOUBLES, ir.Undefined), places)


@_operation(lanes_type, lanes_type, lanes_type, lanes_type)
def multiply_add(builder: ir.IRBuilder, a: ir.Value, b: ir.Value, c: ir.Value) -> ir.Value:
    """Return a * b + c, rounded once where the processor can."""
    return _call(builder, f"llvm.fmuladd.v{WIDTH}f64", a, b, c)


@_operation(lanes_type, lanes_type, lanes_type, lanes_type)
def product_error(builder: ir.IRBuilder, a: ir.Value, b: ir.Value, product: ir.Value) -> ir.Value:
    """Return a * b - product, exact if product is a * b rounded."""
    return _call(builder, f"llvm.fma.v{WIDTH}f64", a, b, builder.fneg(product))


@_operation(lanes_type, lanes_type)
def root(builder: ir.IRBuilder, a: ir.Value) -> ir.Value:
    """Return the square root."""
    return _call(builder, f"llvm.sqrt.v{WIDTH}f64", a)


@_operation(lanes_type, lanes_type)
def size(builder: ir.IRBuilder, a: ir.Value) -> ir.Value:
    """Return the absolute value."""
    return _call(builder, f"llvm.fabs.v{WIDTH}f64", a)


@_operation(lanes_type, lanes_type, lanes_type)
def smaller(builder: ir.IRBuilder, a: ir.Value, b: ir.Value) -> ir.Value:
    """Return the smaller of both; b where either is NaN."""
    return builder.select(builder.fcmp_ordered("<", a, b), a, b)


@_operation(lanes_type, lanes_type, lanes_type)
def larger(builder: ir.IRBuilder, a: ir.Value, b: ir.Value) -> ir.Value:
    """Return the larger of both; b where either is NaN."""
    return builder.select(builder.fcmp_ordered(">", a, b), a, b)


@_operation(lanes_type, mask_type, lanes_type, lanes_type)
def choose(builder: ir.IRBuilder, mask: ir.Value, yes: ir.Value, no: ir.Value) -> ir.Value:
    """Return `yes` where the mask is set, `no` elsewhere."""
    return builder.select(mask, yes, no)


@_operation(types.boolean, mask_type)
def some(builder: ir.IRBuilder, mask: ir.Value) -> ir.Value:
    """Return whether the mask is set in any lane."""
    whole = builder.bitcast(mask, ir.IntType(WIDTH))
    return builder.icmp_unsigned("!=", whole, ir.Constant(ir.IntType(WIDTH), 0))


def _load(typing, array, index):  # type: ignore[no-untyped-def]
    """Return array[index, :] of a contiguous array (n, WIDTH); the index is not checked."""

    def codegen(context, builder, signature, values):  # type: ignore[no-untyped-def]
        return builder.load(_place(context, builder, signature, values), align=8)

    return lanes_type(array, index), codegen


def _store(typing, array, index, value):  # type: ignore[no-untyped-def]
    """Put lanes into array[index, :]; the index is not checked."""

    def codegen(context, builder, signature, values):  # type: ignore[no-untyped-def]
        builder.store(values[2], _place(context, builder, signature, values), align=8)
        return context.get_dummy_value()

    return (types.void(array, index, value), codegen) if value == lanes_type else None


load_lanes: Any = intrinsic(_load)
store: Any = intrinsic(_store)


def _place(context: Any, builder: ir.IRBuilder, signature: Any, values: Any) -> ir.Value:
    """Return the address of array[index, 0] as one of lanes."""
    array = context.make_array(signature.args[0])(context, builder, values[0])
    first = builder.mul(values[1], ir.Constant(values[1].type, WIDTH))
    return builder.bitcast(builder.gep(array.data, [first]), _DOUBLES.as_pointer())


def _overload(symbol: Any, name: str, result: types.Type, emit: Callable[..., ir.Value]) -> None:
    """Let kernels write an operator between lanes (or masks)."""
    kind = mask_type if name in ("and_", "or_") else lanes_type
    operation = _operation(result, kind, kind)(emit)

    @overload(symbol, inline="never")
    def choice(a, b):  # type: ignore[no-untyped-def]
        return (lambda a, b: operation(a, b)) if a == kind and b == kind else None


def _compare(sign: str) -> Callable[..., ir.Value]:
    return lambda builder, a, b: builder.fcmp_ordered(sign, a, b)


_overload(operator.add, "add", lanes_type, lambda builder, a, b: builder.fadd(a, b))
_overload(operator.sub, "sub", lanes_type, lambda builder, a, b: builder.fsub(a, b))
_overload(operator.mul, "mul", lanes_type, lambda builder, a, b: builder.fmul(a, b))
_overload(operator.truediv, "truediv", lanes_type, lambda builder, a, b: builder.fdiv(a, b))
_overload(operator.and_, "and_", mask_type, lambda builder, a, b: builder.and_(a, b))
_overload(operator.or_, "or_", mask_type, lambda builder, a, b: builder.or_(a, b))
for _symbol, _sign in ((operator.lt, "<"), (operator.le, "<="), (operator.gt, ">"), (operator.ge, ">=")):
    _overload(_symbol, _symbol.__name__, mask_type, _compare(_sign))
_overload(operator.eq, "eq", mask_type, _compare("=="))
