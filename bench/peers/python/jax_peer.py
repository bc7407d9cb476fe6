"""JAX on the CPU, everything under jit."""

import data
from serve import repeated, serve


def load():
    import jax
    import numpy as np
    from jax import numpy as jnp

    jax.config.update("jax_platforms", "cpu")
    jax.config.update("jax_enable_x64", True)  # For the lines in float64; the others' arrays say float32.

    def arrays(values):
        return [jnp.asarray(one) for one in values]

    def repeat(f, *inputs):
        return repeated(
            lambda: jax.block_until_ready(f(*inputs)), lambda last: [np.asarray(one) for one in jax.tree.leaves(last)]
        )

    def cross_entropy(logits, labels):
        """The mean over the rows; the labels are class indices (as in Optax)."""
        known = jnp.take_along_axis(logits, labels[:, None], axis=-1)[:, 0]
        return jnp.mean(jax.nn.logsumexp(logits, axis=-1) - known)

    def mlp(work):
        x, labels, layers = data.mlp(work)
        x, labels = jnp.asarray(x), jnp.asarray(labels, jnp.int32)
        weights = jax.tree.map(jnp.asarray, layers)
        state = [weights, jax.tree.map(jnp.zeros_like, weights)]
        rate, momentum = work["learningRate"], work["momentum"]

        def loss_of(weights, x, labels):
            h = x
            for i, (kernel, bias) in enumerate(weights):
                h = h @ kernel + bias
                h = jax.nn.relu(h) if i + 1 < len(weights) else h
            return cross_entropy(h, labels)

        @jax.jit(donate_argnums=(0, 1))
        def step(weights, velocities, x, labels):
            loss, slopes = jax.value_and_grad(loss_of)(weights, x, labels)
            velocities = jax.tree.map(lambda v, g: momentum * v + g, velocities, slopes)
            return jax.tree.map(lambda w, v: w - rate * v, weights, velocities), velocities, loss

        last = [float("nan")]

        def iterate():
            state[0], state[1], loss = step(*state, x, labels)
            jax.block_until_ready(state)
            last[0] = float(loss)

        return iterate, lambda: [last[0]]

    def cnn(work):
        x, labels, convolutions, dense = data.cnn(work)
        x, labels = jnp.asarray(x), jnp.asarray(labels, jnp.int32)
        weights = jax.tree.map(jnp.asarray, (convolutions, dense))
        state = [weights, jax.tree.map(jnp.zeros_like, weights)]
        rate, momentum = work["learningRate"], work["momentum"]
        layout = ("NHWC", "HWIO", "NHWC")
        pool = (1, 2, 2, 1)

        def loss_of(weights, x, labels):
            convolutions, (kernel, bias) = weights
            h = x
            for filters, shift in convolutions:
                h = jax.lax.conv_general_dilated(h, filters, (1, 1), "SAME", dimension_numbers=layout)
                h = jax.nn.relu(h + shift)
                h = jax.lax.reduce_window(h, -jnp.inf, jax.lax.max, pool, pool, "VALID")
            return cross_entropy(h.reshape(len(labels), -1) @ kernel + bias, labels)

        @jax.jit(donate_argnums=(0, 1))
        def step(weights, velocities, x, labels):
            loss, slopes = jax.value_and_grad(loss_of)(weights, x, labels)
            velocities = jax.tree.map(lambda v, g: momentum * v + g, velocities, slopes)
            return jax.tree.map(lambda w, v: w - rate * v, weights, velocities), velocities, loss

        last = [float("nan")]

        def iterate():
            state[0], state[1], loss = step(*state, x, labels)
            jax.block_until_ready(state)
            last[0] = float(loss)

        return iterate, lambda: [last[0]]

    def elementwise_grad(work):
        f = jax.jit(jax.grad(lambda x: jnp.sum(jnp.sin(x) * jnp.exp(-(x**2)) + jnp.tanh(x))))
        return repeat(f, jnp.asarray(data.elementwise_grad(work)))

    def cross_entropy_grad(work):
        logits, labels = data.cross_entropy_grad(work)
        return repeat(jax.jit(jax.grad(cross_entropy)), jnp.asarray(logits), jnp.asarray(labels, jnp.int32))

    def matmul(work):
        return repeat(jax.jit(jnp.matmul), *arrays(data.matmul(work)))

    def layer_norm(work):
        def value(x, scale, shift, target):
            centred = x - jnp.mean(x, axis=-1, keepdims=True)
            variance = jnp.mean(centred**2, axis=-1, keepdims=True)
            return jnp.sum((centred / jnp.sqrt(variance + 1e-5) * scale + shift) * target)

        return repeat(jax.jit(jax.value_and_grad(value, argnums=(0, 1, 2))), *arrays(data.layer_norm(work)))

    def attention(work):
        def value(q, k, v, target):
            scores = q @ jnp.swapaxes(k, 1, 2) / work["depth"] ** 0.5
            return jnp.sum(jax.nn.softmax(scores, axis=-1) @ v * target)

        return repeat(jax.jit(jax.value_and_grad(value, argnums=(0, 1, 2))), *arrays(data.attention(work)))

    def recurrent(work):
        def value(w, x):
            def step(h, row):
                h = jnp.tanh(w @ h + row)
                return h, jnp.sum(h**2)

            return jnp.mean(jax.lax.scan(step, jnp.zeros(work["units"]), x)[1])

        return repeat(jax.jit(jax.value_and_grad(value)), *arrays(data.recurrent(work)))

    def add_chain(work):
        @jax.jit
        def f(x, c):
            total = x
            for _ in range(work["length"]):
                total = total + c
            return total

        return repeat(f, *arrays(data.add_chain(work)))

    workloads = {
        "mlp": mlp,
        "cnn": cnn,
        "elementwiseGrad": elementwise_grad,
        "crossEntropyGrad": cross_entropy_grad,
        "matmul": matmul,
        "layerNorm": layer_norm,
        "attention": attention,
        "recurrent": recurrent,
        "addChain": add_chain,
    }
    return jax.__version__, "jit", workloads


serve("jax", load)
