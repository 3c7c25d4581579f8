/** What a Perl regular expression consists of, once read. */

/** A place in the source, in UTF-16 units from 0. */
export interface Place {
  readonly offset: number;
  readonly length: number;
}

export interface SequenceNode {
  readonly type: 'sequence';
  readonly items: readonly Node[];
}

export interface AlternationNode {
  readonly type: 'alternation';
  readonly branches: readonly Node[];
}

export interface CaptureNode {
  readonly type: 'capture';
  /** Perl's number: alternatives of `(?|…)` share theirs. */
  readonly number: number;
  readonly name: string | null;
  readonly body: Node;
}

export interface RepeatNode {
  readonly type: 'repeat';
  readonly body: Node;
  readonly min: number;
  readonly max: number;
  readonly lazy: boolean;
}

export interface AtomicNode {
  readonly type: 'atomic';
  readonly body: Node;
  readonly place: Place;
}

export interface LookNode {
  readonly type: 'look';
  readonly ahead: boolean;
  readonly negated: boolean;
  readonly body: Node;
  readonly place: Place;
}

export interface ReferenceNode {
  readonly type: 'reference';
  readonly group: number | string;
  readonly place: Place;
}

export type Node =
  /** JavaScript that consumes at least one character and at most `longest`, and takes a quantifier as it stands. */
  | { readonly type: 'text'; readonly js: string; readonly longest: number }
  /** JavaScript that consumes nothing. */
  | { readonly type: 'assertion'; readonly js: string }
  | SequenceNode
  | AlternationNode
  | CaptureNode
  | RepeatNode
  | AtomicNode
  | LookNode
  | ReferenceNode;

/** The pattern as a whole. */
export interface Syntax {
  readonly root: Node;
  /** The highest group number. */
  readonly groups: number;
  /** Which numbers bear a name; Perl allows a name more than once. */
  readonly names: ReadonlyMap<string, ReadonlySet<number>>;
  /** Whether JavaScript's flag `i` is needed: a reference ignores case, as does everything else. */
  readonly ignoreCase: boolean;
}

/** What stands in force at a place of the pattern: the modifiers of `(?imsxn)`. */
export interface Modifiers {
  readonly i: boolean;
  readonly m: boolean;
  readonly s: boolean;
  /** 0, x or xx. */
  readonly x: 0 | 1 | 2;
  readonly n: boolean;
}

export const noModifiers: Modifiers = { i: false, m: false, s: false, x: 0, n: false };

export function children(node: Node): readonly Node[] {
  switch (node.type) {
    case 'sequence':
      return node.items;
    case 'alternation':
      return node.branches;
    case 'capture':
    case 'repeat':
    case 'atomic':
    case 'look':
      return [node.body];
    default:
      return [];
  }
}

/** The node and all below it, outermost first. */
export function* within(node: Node): Generator<Node> {
  yield node;
  for (const child of children(node)) {
    yield* within(child);
  }
}

/** The pattern is malformed, or says what JavaScript cannot. */
export class PatternError extends Error {
  readonly place: Place;

  constructor(message: string, offset: number, length: number) {
    super(message);
    this.name = 'PatternError';
    this.place = { offset, length };
  }
}
