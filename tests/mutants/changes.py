"""The mistakes that one module could have: each a small change of its text.

mutmut's operators make them, over the whole module: its own runner would reach only
what stands in functions, and no table of rules. Two operators are ours: a step left
out, and a check left out. See docs/decisions/0078.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import libcst as cst
import libcst.matchers as m
from libcst.metadata import CodeRange, MetadataWrapper, PositionProvider
from mutmut.mutation.file_mutation import Mutation, MutationVisitor, deep_replace
from mutmut.mutation.mutators import mutation_operators
from mutmut.mutation.pragma_handling import get_ignored_lines

GATE = Path("services/storage/domain/gate")

_SENTENCE = re.compile(r"\S\s+\S")
_SLUG = re.compile(r"[a-z]+(-[a-z0-9]+)*")
_LOG_NAMES = m.Name("log") | m.Name("logger") | m.Name("_log")
_LOG_ENTRY = m.Expr(m.Call(m.Attribute(_LOG_NAMES) | m.Name("say")))
_ONLY_LOGS = m.If(
    body=m.IndentedBlock([m.SimpleStatementLine([_LOG_ENTRY])]), orelse=None
)
_CRASH_POINT = m.Expr(m.Call(m.Attribute(m.Name("crash"), m.Name("reached"))))
_THREADS = m.Name("ThreadPoolExecutor") | m.Attribute(attr=m.Name("Thread"))


@dataclass(frozen=True)
class Change:
    path: Path
    """The module's, relative to the repository's root."""
    line: int
    lines: range
    """Those of the statement that it stands in."""
    statement: str
    """The text of these lines, on one."""
    was: str
    now: str
    changed_text: Callable[[], str]
    """Gives the module's whole text with this one change."""


def changes_of(path: Path, text: str) -> list[Change]:
    """Every change, in the order of the text; what nobody could tell is left out."""
    wrapper = MetadataWrapper(cst.parse_module(text))
    visitor = MutationVisitor(
        [*mutation_operators, (cst.Expr, _step_left_out), (cst.If, _check_left_out)],
        get_ignored_lines(str(path), text, wrapper, None),
    )
    module = wrapper.visit(visitor)
    positions = wrapper.resolve(PositionProvider)
    source = _Source(path, text, module, positions, _statement_spans(module, positions))
    silent = set(map(id, _silent_nodes(module, path)))
    return [
        source.change(mutation)
        for mutation in visitor.mutations
        if id(mutation.original_node) not in silent
        and not _loses_only(mutation, silent)
    ]


@dataclass(frozen=True)
class _Source:
    """A module that has been read, and where each of its nodes stands."""

    path: Path
    text: str
    module: cst.Module
    positions: Mapping[cst.CSTNode, CodeRange]
    spans: Mapping[int, range]

    def change(self, mutation: Mutation) -> Change:
        was, now = mutation.original_node, mutation.mutated_node
        lines = self.spans[id(was)]
        # An operator such as "is not" has no place of its own.
        own = self.positions.get(was)

        def changed_text() -> str:
            return deep_replace(self.module, was, now).code

        statement = self.text.splitlines()[lines.start - 1 : lines.stop - 1]
        return Change(
            self.path,
            own.start.line if own else lines.start,
            lines,
            statement=_shown(" ".join(statement)),
            was=_shown(self.module.code_for_node(was)),
            now=_shown(self.module.code_for_node(now)),
            changed_text=changed_text,
        )


def _statement_spans(
    module: cst.Module, positions: Mapping[cst.CSTNode, CodeRange]
) -> dict[int, range]:
    """By node: the lines of its statement; of a block, those of the head alone."""
    spans: dict[int, range] = {}

    def visit(node: cst.CSTNode, span: range) -> None:
        if isinstance(node, cst.SimpleStatementLine | cst.BaseCompoundStatement):
            span = _lines_of(node, positions)
        spans[id(node)] = span
        for child in node.children:
            visit(child, span)

    visit(module, range(0))
    return spans


def _lines_of(
    node: cst.SimpleStatementLine | cst.BaseCompoundStatement,
    positions: Mapping[cst.CSTNode, CodeRange],
) -> range:
    begin, end = positions[node].start.line, positions[node].end.line
    if isinstance(node, cst.BaseCompoundStatement):
        inside = node.cases[0] if isinstance(node, cst.Match) else node.body
        end = max(begin, positions[inside].start.line - 1)
    return range(begin, end + 1)


def _shown(code: str) -> str:
    """The code on one line; of a block, its head."""
    return " ".join(code.split())[:200]


def _step_left_out(node: cst.Expr) -> Iterable[cst.Pass]:
    """A call for its effect alone is not made: a sync, a lock, a count."""
    if m.matches(node.value, m.Call() | m.Await(m.Call())):
        yield cst.Pass()


def _check_left_out(node: cst.If) -> Iterable[cst.If]:
    """A guard clause lets everything through."""
    if node.orelse is None and not m.matches(node.test, m.Name("False")):
        yield node.with_changes(test=cst.Name("False"))


def _loses_only(mutation: Mutation, silent: set[int]) -> bool:
    """Whether all it takes from a call is arguments that nobody could tell."""
    was, now = mutation.original_node, mutation.mutated_node
    if not (isinstance(was, cst.Call) and isinstance(now, cst.Call)):
        return False
    kept = set(map(id, now.args))
    lost = [argument for argument in was.args if id(argument) not in kept]
    return bool(lost) and all(id(argument.value) in silent for argument in lost)


def _silent_nodes(module: cst.Module, path: Path) -> Iterator[cst.CSTNode]:
    """All nodes whose change no user, caller or other program could tell."""
    for node in _nodes(module):
        for part in _silent_parts(node, path):
            yield from _nodes(part)


def _silent_parts(node: cst.CSTNode, path: Path) -> Iterator[cst.CSTNode]:
    """Log entries, sentences of errors, names of threads, the gate's slugs, what only
    types read.
    """
    if m.matches(node, _LOG_ENTRY | _ONLY_LOGS | _CRASH_POINT):
        yield node
    if m.matches(node, m.Call(m.Attribute(attr=m.Name("bound_contextvars")))):
        yield from (a.value for a in node.args)
    if m.matches(node, m.Call(_THREADS)):
        yield from (a.value for a in node.args if m.matches(a.value, m.SimpleString()))
    if m.matches(node, m.Raise(m.Call())):
        yield from (a.value for a in node.exc.args if _is_sentence(a.value))
    if isinstance(node, cst.Call) and path.is_relative_to(GATE):
        yield from (a.value for a in node.args if _is_slug(a.value))
        yield from (a.value for a in _details(node))
    if m.matches(node, m.Decorator() | m.Call(m.Name("TypeVar") | m.Name("cast"))):
        yield node
    if m.matches(node, m.AnnAssign(annotation=m.Annotation(m.Name("TypeAlias")))):
        yield node
    if m.matches(node, m.Assign([m.AssignTarget(m.Name("__all__"))])):
        yield node


def _is_sentence(node: cst.CSTNode) -> bool:
    text = cst.Module([]).code_for_node(node)
    return m.matches(
        node, m.SimpleString() | m.FormattedString() | m.ConcatenatedString()
    ) and bool(_SENTENCE.search(text))


def _is_slug(node: cst.CSTNode) -> bool:
    """A reason of the gate: facts of a file are bytes there, text is for the log."""
    return isinstance(node, cst.SimpleString) and bool(
        _SLUG.fullmatch(node.value.strip('"'))
    )


def _details(call: cst.Call) -> Iterator[cst.Arg]:
    """What ``require`` and ``refuse`` write to the log behind the reason."""
    for name, first in (("require", 2), ("refuse", 1)):
        if m.matches(call.func, m.Name(name)):
            yield from call.args[first:]


def _nodes(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    yield node
    for child in node.children:
        yield from _nodes(child)
