"""Attention of com.microsoft with caches and rotation, against NumPy in double precision."""

import numpy as np
import tiny_onnx
from command import CommandTest, main
from tiny_onnx import FLOAT, node, port

INT32 = 6
BATCH, HEADS, KV_HEADS, SIZE = 2, 4, 2, 8
NAMES = ["q", "k", "v", "past_key", "past_value", "seqlens_k", "total", "cos", "sin"]


def turned(x, cos, sin):
    """Both halves of a head turned by the angles of its position."""
    a, b = x[:SIZE // 2], x[SIZE // 2:]
    return np.concatenate([cos * a - sin * b, sin * a + cos * b])


class GroupQueryAttention(CommandTest):
    def check(self, length, room, lengths, total):
        """New queries of `length` for caches with `room`; with the new keys each holds `lengths`."""
        random = np.random.default_rng(3)
        draw = lambda *dims: random.normal(size=dims).astype(np.float32)
        q, k, v = draw(BATCH, length, HEADS * SIZE), draw(BATCH, length, KV_HEADS * SIZE), draw(BATCH, length,
                                                                                             KV_HEADS * SIZE)
        past_key, past_value = draw(BATCH, KV_HEADS, room, SIZE), draw(BATCH, KV_HEADS, room, SIZE)
        cos, sin = draw(32, SIZE // 2), draw(32, SIZE // 2)
        values = [q, k, v, past_key, past_value, np.array(lengths, np.int32) - 1, np.array([total], np.int32), cos, sin]
        model = tiny_onnx.model(
            [node("GroupQueryAttention", NAMES, ["y", "key", "value"], domain="com.microsoft", num_heads=HEADS,
                  kv_num_heads=KV_HEADS, do_rotary=1)],
            [port(n, INT32 if x.dtype == np.int32 else FLOAT, list(x.shape)) for n, x in zip(NAMES, values)],
            [port("y", FLOAT, ["b", "s", "w"]), port("key", FLOAT, ["b", "n", "t", "d"]),
             port("value", FLOAT, ["b", "n", "t", "d"])], domains=[("com.microsoft", 1)])
        got = self.outputs(self.write("model.onnx", model), "--inputs",
                           self.npz("in.npz", **dict(zip(NAMES, values))))
        for b in range(BATCH):
            start = max(lengths[b] - length, 0)
            keys, cached = np.zeros((2, KV_HEADS, max(room, total), SIZE))
            keys[:, :room], cached[:, :room] = past_key[b], past_value[b]
            for i in range(length):
                for h in range(KV_HEADS):
                    at = start + i
                    keys[h, at] = turned(k[b, i].reshape(KV_HEADS, SIZE)[h].astype(float), cos[at], sin[at])
                    cached[h, at] = v[b, i].reshape(KV_HEADS, SIZE)[h]
            np.testing.assert_allclose(got["key"][b], keys, atol=1e-5)
            np.testing.assert_allclose(got["value"][b], cached, atol=1e-5)
            for i in range(min(length, lengths[b] - start)):
                at = start + i
                for h in range(HEADS):
                    query = turned(q[b, i].reshape(HEADS, SIZE)[h].astype(float), cos[at], sin[at])
                    scores = keys[h // 2, :at + 1] @ query / np.sqrt(SIZE)
                    weights = np.exp(scores - scores.max())
                    np.testing.assert_allclose(got["y"][b, i].reshape(HEADS, SIZE)[h],
                                               weights / weights.sum() @ cached[h // 2, :at + 1], atol=1e-5)

    def test_a_cache_that_grows(self):
        self.check(1, 4, [5, 5], 5)

    def test_a_shared_cache_of_sequences_of_other_lengths(self):
        self.check(1, 8, [5, 3], 5)
        self.check(3, 8, [7, 5], 7)

    def test_a_prompt(self):
        self.check(5, 0, [5, 5], 5)
        self.check(5, 8, [5, 3], 5)  # padded


if __name__ == "__main__":
    main()
