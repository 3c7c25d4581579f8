/** A pattern once read, as JavaScript. */

import { longest, longestLookbehind, shortest } from './lengths.js';
import { deadReferences } from './references.js';
import {
  type AtomicNode,
  type LookNode,
  type Node,
  PatternError,
  type ReferenceNode,
  type RepeatNode,
  type Syntax,
  within,
} from './syntax.js';

/** JavaScript's source, for flag `u`. Throws PatternError where JavaScript cannot say it. */
export function renderPattern(syntax: Syntax): string {
  return new Renderer(syntax).render(syntax.root, false);
}

class Renderer {
  private readonly syntax: Syntax;
  private readonly dead: ReadonlySet<ReferenceNode>;
  /** JavaScript's groups so far, and which of them stand for a group of Perl. */
  private slots = 0;
  private readonly slotsOf = new Map<number, number[]>();

  constructor(syntax: Syntax) {
    this.syntax = syntax;
    this.dead = deadReferences(syntax);
  }

  /** `back`: within a lookbehind. */
  render(node: Node, back: boolean): string {
    switch (node.type) {
      case 'text':
      case 'assertion':
        return node.js;
      case 'sequence':
        return node.items
          .map((item) => (item.type === 'alternation' ? `(?:${this.render(item, back)})` : this.render(item, back)))
          .join('');
      case 'alternation':
        return node.branches.map((branch) => this.render(branch, back)).join('|');
      case 'capture': {
        const slot = ++this.slots;
        this.slotsOf.set(node.number, [...(this.slotsOf.get(node.number) ?? []), slot]);
        return `(${this.render(node.body, back)})`;
      }
      case 'repeat':
        return this.repeat(node, back);
      case 'atomic':
        return this.atomic(node, back);
      case 'look':
        return this.look(node, back);
      case 'reference':
        return this.reference(node);
    }
  }

  private repeat(node: RepeatNode, back: boolean): string {
    const body = this.render(node.body, back);
    const unit = node.body.type === 'text' || node.body.type === 'capture' ? body : `(?:${body})`;
    const max = node.max === Number.POSITIVE_INFINITY ? '' : node.max;
    return `${unit}{${node.min},${max}}${node.lazy ? '?' : ''}`;
  }

  /** A lookahead never gives back what it took: capture in it, then consume the same. */
  private atomic(node: AtomicNode, back: boolean): string {
    const { offset, length } = node.place;
    if (back) {
      throw new PatternError('in a lookbehind this has no equivalent in JavaScript', offset, length);
    }
    if (prefersNothing(node.body)) {
      throw new PatternError('a loop in here may turn on nothing, which ends it in Perl alone', offset, length);
    }
    const slot = ++this.slots;
    return `(?:(?=(${this.render(node.body, back)}))\\${slot})`;
  }

  private look(node: LookNode, back: boolean): string {
    if (!node.ahead && longest(node.body) > longestLookbehind) {
      throw new PatternError(
        `Perl looks back ${longestLookbehind} characters at most, and this may need more`,
        node.place.offset,
        node.place.length,
      );
    }
    const body = this.render(node.body, !node.ahead || back);
    return `(?${node.ahead ? '' : '<'}${node.negated ? '!' : '='}${body})`;
  }

  /** Of several groups with one number or name exactly one has matched here: the others add nothing. */
  private reference(node: ReferenceNode): string {
    if (this.dead.has(node)) {
      return '(?!)';
    }
    const numbers = typeof node.group === 'number' ? [node.group] : [...(this.syntax.names.get(node.group) ?? [])];
    const slots = numbers.flatMap((number) => this.slotsOf.get(number) ?? []);
    return `(?:${slots.map((slot) => `\\${slot}(?:)`).join('')})`;
  }
}

/** Whether a loop tries an empty turn before another one: Perl then leaves the loop, JavaScript goes on. */
function prefersNothing(body: Node): boolean {
  return [...within(body)].some(
    (node) =>
      node.type === 'repeat' &&
      node.max > 1 &&
      shortest(node.body) === 0 &&
      longest(node.body) > 0 &&
      [...within(node.body)].some((inner) => inner.type === 'alternation' || (inner.type === 'repeat' && inner.lazy)),
  );
}
