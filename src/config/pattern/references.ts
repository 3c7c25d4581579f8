/**
 * Which references can be said in JavaScript. A reference to a group that has not matched fails in Perl
 * and matches nothing in JavaScript; and what a group matched in an earlier turn of a loop stays in Perl
 * and is forgotten in JavaScript. So a reference is translated where its group has surely matched, or
 * surely has not.
 */

import { type Node, PatternError, type ReferenceNode, type Syntax, within } from './syntax.js';

/** By number, and by name as well: what is absent has surely not matched. */
type Captured = Map<number | string, 'surely' | 'maybe'>;

/** The references that never match. Throws PatternError at one that cannot be translated. */
export function deadReferences(syntax: Syntax): ReadonlySet<ReferenceNode> {
  const dead = new Set<ReferenceNode>();
  walk(syntax.root, new Map(), { syntax, dead, back: false });
  return dead;
}

interface Walk {
  readonly syntax: Syntax;
  readonly dead: Set<ReferenceNode>;
  /** Within a lookbehind, which JavaScript matches from its end. */
  readonly back: boolean;
}

/** Brings `captured` from before the node to behind it. */
function walk(node: Node, captured: Captured, context: Walk): void {
  switch (node.type) {
    case 'text':
    case 'assertion':
      return;
    case 'sequence':
      for (const item of node.items) {
        walk(item, captured, context);
      }
      return;
    case 'alternation': {
      const states = node.branches.map((branch) => {
        const state = new Map(captured);
        walk(branch, state, context);
        return state;
      });
      merge(captured, states);
      return;
    }
    case 'capture':
      walk(node.body, captured, context);
      captured.set(node.number, context.back ? 'maybe' : 'surely');
      if (node.name !== null) {
        const only = context.syntax.names.get(node.name)?.size === 1 || !captured.has(node.name);
        captured.set(node.name, only && !context.back ? 'surely' : 'maybe');
      }
      return;
    case 'repeat': {
      const before = new Map(captured);
      if (node.max > 1) {
        markInside(node.body, captured);
      }
      walk(node.body, captured, context);
      if (node.min === 0) {
        merge(captured, [before, new Map(captured)]);
      }
      return;
    }
    case 'atomic':
      walk(node.body, captured, context);
      return;
    case 'look':
      walk(node.body, node.negated ? new Map(captured) : captured, node.ahead ? context : { ...context, back: true });
      return;
    case 'reference':
      check(node, captured, context);
  }
}

function check(node: ReferenceNode, captured: Captured, context: Walk): void {
  const { groups, names } = context.syntax;
  const exists = typeof node.group === 'number' ? node.group <= groups : names.has(node.group);
  const fail = (message: string): PatternError => new PatternError(message, node.place.offset, node.place.length);
  if (!exists) {
    throw fail(`there is no group ${node.group}`);
  }
  if (context.back) {
    throw fail('Perl allows no reference in a lookbehind');
  }
  const state = captured.get(node.group);
  if (state === 'maybe') {
    throw fail('the group may not have matched here, which JavaScript cannot tell from an empty match');
  }
  if (state === undefined) {
    context.dead.add(node);
  }
}

function merge(captured: Captured, states: readonly Captured[]): void {
  const keys = new Set(states.flatMap((state) => [...state.keys()]));
  for (const key of keys) {
    captured.set(key, states.every((state) => state.get(key) === 'surely') ? 'surely' : 'maybe');
  }
}

/** A group in a loop may hold what it matched the turn before. */
function markInside(loop: Node, captured: Captured): void {
  for (const node of within(loop)) {
    if (node.type === 'capture') {
      captured.set(node.number, 'maybe');
      if (node.name !== null) {
        captured.set(node.name, 'maybe');
      }
    }
  }
}
