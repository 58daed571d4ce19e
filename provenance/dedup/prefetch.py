"""Asking for memory before it is read, from compiled code."""

from __future__ import annotations

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

_READ, _INTO_SECOND_CACHE, _DATA = 0, 2, 1


@intrinsic
def prefetch(_, address):  # type: ignore[no-untyped-def]  # noqa: ARG001 (named by numba)
    """Have the line of memory at `address`, an unsigned integer, brought into the second cache.

    Any address is allowed; of one that is not mapped nothing comes. The first cache would keep
    fewer lines on their way at once. LLVM: llvm.prefetch.
    """

    def generate(context, builder, _, arguments):  # type: ignore[no-untyped-def]
        pointer, number = ir.IntType(8).as_pointer(), ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [pointer, number, number, number])
        function = builder.module.declare_intrinsic("llvm.prefetch", [pointer], kind)
        how = [ir.Constant(number, value) for value in (_READ, _INTO_SECOND_CACHE, _DATA)]
        builder.call(function, [builder.inttoptr(arguments[0], pointer), *how])
        return context.get_dummy_value()

    return types.void(types.uintp), generate
