"""Writes the safetensors fixtures with Python's `safetensors` (0.8.0). Run in this folder.

mixed.safetensors: value i of every float tensor is i / 4 - 1, exact in all formats.
written.safetensors: value i is i / 8 - 0.5; the writer of this package must give the same bytes.
"""
import numpy as np
from safetensors import TensorSpec, serialize_file
from safetensors.numpy import save_file

def values(*shape, step=4, start=-1.0):
    return (np.arange(int(np.prod(shape))) / step + start).reshape(shape)

kept = []

def raw(array, dtype):
    kept.append(array)  # the spec holds only the address
    return TensorSpec(dtype=dtype, shape=array.shape, data_ptr=array.ctypes.data, data_len=array.nbytes)

bf16 = (values(3, 5).astype(np.float32).view(np.uint32) >> 16).astype(np.uint16)
serialize_file({
    "block.0.f32": raw(values(2, 3).astype(np.float32), "float32"),
    "block.0.f16": raw(values(7).astype(np.float16), "float16"),
    "block.0.bf16": raw(bf16, "bfloat16"),
    "block.1.f64": raw(values(2, 1, 2), "float64"),
    "steps": raw(np.array([0, -1, 2**40], dtype=np.int64), "int64"),
    "flags": raw(np.array([1, 2, 3], dtype=np.uint8), "uint8"),
    "scalar": raw(np.array(-1.0, dtype=np.float32), "float32"),
    "empty": raw(np.zeros((0, 4), dtype=np.float32), "float32"),
    "näme/日本": raw(values(2).astype(np.float32), "float32"),
}, "mixed.safetensors", {"made by": "safetensors", "näme": "日本"})

save_file({
    "b.weight": values(3, 4, step=8, start=-0.5).astype(np.float32),
    "a.bias": values(5, step=8, start=-0.5).astype(np.float16),
    "a.weight": values(2, 2, step=8, start=-0.5).astype(np.float32),
    "Z": values(3, step=8, start=-0.5).astype(np.float16),
    "é": values(1, step=8, start=-0.5).astype(np.float32),
}, "written.safetensors", {"format": "sdict-vlm"})
