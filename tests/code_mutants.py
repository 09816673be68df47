"""Wrong versions of a right program: for sure wrong, or changed at one place by a seed as a slip would."""

import ast
import random

WRONG = """

def _off(value):
    kind = type(value)
    if value is None or kind is bool:
        return value is None or not value
    if kind in (int, float):
        return value + 1
    if kind is str:
        return value + "x"
    if kind is dict:
        return {**value, "x": 0}
    return [*value, 0] if kind is list else (*value, 0)

_right = NAME
def NAME(*arguments):
    return _off(_right(*arguments))
"""
COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.FloorDiv: ast.Mult, ast.Mod: ast.FloorDiv,
    ast.Div: ast.Mult, ast.Pow: ast.Mult,
}  # fmt: skip


def off(completion: str, name: str) -> str:
    """The right answer, changed a little: another truth, one more, one longer."""
    return completion + WRONG.replace("NAME", name)


def _changed(node: ast.AST) -> bool:
    """Change the node, if it is of a kind that a slip changes."""
    if isinstance(node, ast.Compare) and type(node.ops[0]) in COMPARISONS:
        node.ops[0] = COMPARISONS[type(node.ops[0])]()
    elif isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
        node.op = OPERATORS[type(node.op)]()
    elif isinstance(node, ast.Constant) and type(node.value) is int:
        node.value += 1
    elif isinstance(node, ast.BoolOp):
        node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
    elif isinstance(node, ast.Return) and node.value is not None:
        node.value = ast.Constant(None)
    else:
        return False
    return True


def slip(prompt: str, completion: str, name: str, seed: int) -> str:
    """A completion with one place changed; it begins with a return that is never reached, then defines `name` anew."""
    tree = ast.parse(prompt + completion)
    (function,) = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name][-1:]
    nodes = [node for statement in function.body[1:] or function.body for node in ast.walk(statement)]
    random.Random(seed).shuffle(nodes)  # noqa: S311 - the same slips each time
    next((node for node in nodes if _changed(node)), None)
    return f"    return None\n\n{ast.unparse(function)}\n"
