"""PyTorch, eagerly, as most programs use it; its own fused layers where it has them."""

import data
from serve import THREADS, repeated, serve


def load():
    import torch
    from torch import nn
    from torch.nn import functional as F

    torch.set_num_threads(THREADS)

    def gradients(f, parameters):
        """The workload that computes the scalar f() and its gradient with respect to the parameters."""

        def iterate():
            for one in parameters:
                one.grad = None
            value = f()
            value.backward()
            return value

        return lambda with_value: repeated(
            iterate,
            lambda value: ([value.detach().numpy()] if with_value else []) + [p.grad.numpy() for p in parameters],
        )

    def leaf(values):
        return torch.tensor(values, requires_grad=True)

    def mlp(work):
        x, labels, layers = data.mlp(work)
        x, labels = torch.tensor(x), torch.tensor(labels)
        modules = []
        for kernel, bias in layers:
            linear = nn.Linear(*kernel.shape)
            with torch.no_grad():
                linear.weight.copy_(torch.tensor(kernel.T.copy()))
                linear.bias.copy_(torch.tensor(bias))
            modules += [linear, nn.ReLU()]
        model = nn.Sequential(*modules[:-1])
        optimizer = torch.optim.SGD(model.parameters(), lr=work["learningRate"], momentum=work["momentum"])
        last = [float("nan")]

        def iterate():
            optimizer.zero_grad()
            loss = F.cross_entropy(model(x), labels)
            loss.backward()
            optimizer.step()
            last[0] = loss.item()

        return iterate, lambda: [last[0]]

    def cnn(work):
        x, labels, convolutions, (dense, dense_bias) = data.cnn(work)
        x, labels = torch.tensor(x.transpose(0, 3, 1, 2).copy()), torch.tensor(labels)
        modules = []
        for kernel, bias in convolutions:
            layer = nn.Conv2d(kernel.shape[2], kernel.shape[3], 3, padding=1)
            with torch.no_grad():
                layer.weight.copy_(torch.tensor(kernel.transpose(3, 2, 0, 1).copy()))
                layer.bias.copy_(torch.tensor(bias))
            modules += [layer, nn.ReLU(), nn.MaxPool2d(2)]
        channels, classes = work["channels"][-1], work["classes"]
        side = work["size"] // 2 ** len(convolutions)
        last_layer = nn.Linear(side * side * channels, classes)
        # Flattened, the channels come first here.
        weight = dense.reshape(side, side, channels, classes).transpose(3, 2, 0, 1).reshape(classes, -1)
        with torch.no_grad():
            last_layer.weight.copy_(torch.tensor(weight.copy()))
            last_layer.bias.copy_(torch.tensor(dense_bias))
        model = nn.Sequential(*modules, nn.Flatten(), last_layer)
        optimizer = torch.optim.SGD(model.parameters(), lr=work["learningRate"], momentum=work["momentum"])
        last = [float("nan")]

        def iterate():
            optimizer.zero_grad()
            loss = F.cross_entropy(model(x), labels)
            loss.backward()
            optimizer.step()
            last[0] = loss.item()

        return iterate, lambda: [last[0]]

    def elementwise_grad(work):
        x = leaf(data.elementwise_grad(work))
        return gradients(lambda: (torch.sin(x) * torch.exp(-(x**2)) + torch.tanh(x)).sum(), [x])(False)

    def cross_entropy_grad(work):
        logits, labels = data.cross_entropy_grad(work)
        logits, labels = leaf(logits), torch.tensor(labels)
        return gradients(lambda: F.cross_entropy(logits, labels), [logits])(False)

    def matmul(work):
        a, b = (torch.tensor(one) for one in data.matmul(work))
        return repeated(lambda: a @ b, lambda c: [c.numpy()])

    def layer_norm(work):
        x, scale, shift, target = (torch.tensor(one) for one in data.layer_norm(work))
        parameters = [one.requires_grad_() for one in (x, scale, shift)]
        columns = [work["columns"]]
        return gradients(lambda: (F.layer_norm(x, columns, scale, shift, 1e-5) * target).sum(), parameters)(True)

    def attention(work):
        q, k, v, target = (torch.tensor(one) for one in data.attention(work))
        parameters = [one.requires_grad_() for one in (q, k, v)]

        def value():
            # With a batch axis it takes its fused kernel.
            out = F.scaled_dot_product_attention(q[None], k[None], v[None])
            return (out[0] * target).sum()

        return gradients(value, parameters)(True)

    def recurrent(work):
        w, x = (torch.tensor(one) for one in data.recurrent(work))
        network = nn.RNN(work["units"], work["units"], bias=False)
        with torch.no_grad():
            network.weight_ih_l0.copy_(torch.eye(work["units"]))
            network.weight_hh_l0.copy_(w)
        network.weight_ih_l0.requires_grad_(False)
        return gradients(lambda: (network(x)[0] ** 2).sum() / work["steps"], [network.weight_hh_l0])(True)

    def add_chain(work):
        x, c = (torch.tensor(one) for one in data.add_chain(work))

        def f():
            total = x
            for _ in range(work["length"]):
                total = total + c
            return total

        return repeated(f, lambda total: [total.numpy()])

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
    return torch.__version__, "eager", workloads


serve("torch", load)
