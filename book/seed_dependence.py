"""Which of a page's cells may give something else when one of its parameters changes, read off their syntax.

A name is taken to change if it is assigned in a statement that reads a name that changes: "may change" says more than
is certain. Of the settings that a page resolves from its parameters, only the one of the parameter's name changes.
"""

import ast
import symtable
from collections.abc import Iterator

SETTINGS = "resolve"  # the function that returns a page's settings


def may_change_with(parameter: str, cells: list[str]) -> list[bool]:
    """Return for each cell whether its answers, or else anything that it reads, may change with the parameter.

    Args:
        parameter: a name that one of the cells assigns.
        cells: the code of a page's cells, in their order. The answers of a cell are what it hands to `check`.
    """
    parsed = [ast.parse(cell).body for cell in cells]
    settings = set().union(*(_settings_assigned(statement) for cell in parsed for statement in cell))
    known = [[_Statement(each, parameter, settings) for each in cell] for cell in parsed]
    changing, grown = set(), {parameter}
    while changing != grown:  # a function may read what only a later cell assigns
        changing = set(grown)
        for statement in (each for cell in known for each in cell):
            if statement.reads & grown:
                grown |= statement.writes
    asked = [[each for each in cell if each.is_check] or cell for cell in known]
    return [any(each.reads & changing for each in cell) for cell in asked]


class _Statement:
    """What a statement reads and writes, and whether it asks a judge."""

    def __init__(self, statement: ast.stmt, parameter: str, settings: set[str]):
        self.is_check = isinstance(statement, ast.Expr) and ast.unparse(statement).startswith("check(")
        code = ast.unparse(_Settings(parameter, settings).visit(statement))
        self.reads, self.writes = names_read(code), names_written(code)


class _Settings(ast.NodeTransformer):
    """Puts a constant in the place of every setting but the parameter."""

    def __init__(self, parameter: str, settings: set[str]):
        self._parameter, self._settings = parameter, settings

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        """Replace `page.number` where `page` holds the settings."""
        if isinstance(node.value, ast.Name) and node.value.id in self._settings and node.attr != self._parameter:
            return ast.copy_location(ast.Constant(0), node) if isinstance(node.ctx, ast.Load) else node
        return self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """Leave `page.method()`, which sees all settings, as it is."""
        method = node.func if isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name) else None
        node = self.generic_visit(node)
        node.func = method or node.func
        return node


def _settings_assigned(statement: ast.stmt) -> set[str]:
    """Return the name to which a statement assigns the page's settings, if it does."""
    if not isinstance(statement, ast.Assign) or not isinstance(statement.value, ast.Call):
        return set()
    if ast.unparse(statement.value.func).split(".")[-1] != SETTINGS:
        return set()
    return {target.id for target in statement.targets if isinstance(target, ast.Name)}


def _tables(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    yield table
    for child in table.get_children():
        yield from _tables(child)


def names_read(code: str) -> set[str]:
    """Return the names of a page that its code reads, in functions and comprehensions too."""
    whole = symtable.symtable(code, "cell", "exec")
    outer = {symbol.get_name() for symbol in whole.get_symbols() if symbol.is_referenced()}
    inner = (symbol for table in _tables(whole) if table is not whole for symbol in table.get_symbols())
    return outer | {symbol.get_name() for symbol in inner if symbol.is_global() and symbol.is_referenced()}


def names_written(code: str) -> set[str]:
    """Return the names that code assigns or imports, and those of the objects that it changes or calls to change."""
    names = symtable.symtable(code, "cell", "exec").get_symbols()
    written = {name.get_name() for name in names if name.is_assigned() or name.is_imported() or name.is_namespace()}
    for node in ast.walk(ast.parse(code)):
        changed = isinstance(node, (ast.Attribute, ast.Subscript)) and not isinstance(node.ctx, ast.Load)
        called = isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
        if changed or called:
            written |= _owner(node.value.func if called else node)
    return written


def _owner(node: ast.expr) -> set[str]:
    """Return the name that an attribute or an item belongs to in the end."""
    if not isinstance(node, (ast.Attribute, ast.Subscript)):
        return set()
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
    return {node.id} if isinstance(node, ast.Name) else set()
