"""What both tables share: the inputs of the cases as trees of tensors, and what gradcheck says of one of them."""

import warnings

import torch
from torch.autograd import gradcheck, gradgradcheck

torch.set_num_threads(1)
warnings.filterwarnings("ignore")

DTYPES = {"float32": torch.float64, "float64": torch.float64, "int32": torch.int64, "uint32": torch.int64}


def decoded(tree):
    """A case as trees of tensors. Floating ones are float64, which gradcheck wants, and take gradients."""
    if isinstance(tree, list):
        return [decoded(one) for one in tree]
    if "fields" in tree:
        return {key: decoded(one) for key, one in tree["fields"].items()}
    dtype = DTYPES[tree["dtype"]]
    return torch.tensor(tree["values"], dtype=dtype).reshape(tree["shape"]).requires_grad_(dtype == torch.float64)


def leaves(tree):
    if isinstance(tree, torch.Tensor):
        return [tree]
    parts = tree.values() if isinstance(tree, dict) else tree
    return [leaf for part in parts for leaf in leaves(part)]


def rebuilt(tree, source):
    """The tree with the tensors that `source` gives in the places of its own."""
    if isinstance(tree, torch.Tensor):
        return next(source)
    if isinstance(tree, dict):
        return {key: rebuilt(part, source) for key, part in tree.items()}
    return [rebuilt(part, source) for part in tree]


def complaint(f, case, order):
    """What gradcheck with default settings has against f, None for nothing. Order 2: gradgradcheck, too."""
    args = decoded(case)

    def flat(*tensors):
        results = leaves(f(*rebuilt(args, iter(tensors))))
        return tuple(one for one in results if one.is_floating_point())

    given = tuple(leaves(args))
    try:
        gradcheck(flat, given)
        if order == 2:
            gradgradcheck(flat, given)
        return None
    except Exception as error:  # Whatever is raised fails the check.
        return " ".join(str(error).split())[:200]


def with_rule(f, backward, jvp=None, vmap=None):
    """f as a Function with a backward pass of its own, which gets the cotangent and f's arguments."""

    class Rule(torch.autograd.Function):
        generate_vmap_rule = vmap is None

        @staticmethod
        def forward(*args):
            return f(*args)

        @staticmethod
        def setup_context(ctx, inputs, output):
            ctx.save_for_backward(*inputs)
            ctx.save_for_forward(*inputs)

        @staticmethod
        def backward(ctx, ct):
            return backward(ct, *ctx.saved_tensors)

    if jvp is not None:
        Rule.jvp = staticmethod(lambda ctx, *tangents: jvp(tangents, *ctx.saved_tensors))
    if vmap is not None:
        Rule.vmap = staticmethod(vmap)
    return Rule.apply
