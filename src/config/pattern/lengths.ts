/** How many characters a part of a pattern can consume. */

import type { Node } from './syntax.js';

/** Perl looks back this far and no further. */
export const longestLookbehind = 255;

export function longest(node: Node): number {
  switch (node.type) {
    case 'text':
      return node.longest;
    case 'assertion':
    case 'look':
      return 0;
    case 'sequence':
      return node.items.reduce((sum, item) => sum + longest(item), 0);
    case 'alternation':
      return Math.max(...node.branches.map(longest));
    case 'capture':
    case 'atomic':
      return longest(node.body);
    case 'repeat': {
      const body = longest(node.body);
      // Perl minds what has no bound even where it is taken no times.
      return body === 0 || (node.max === 0 && Number.isFinite(body)) ? 0 : body * Math.max(1, node.max);
    }
    case 'reference':
      return Number.POSITIVE_INFINITY;
  }
}

export function shortest(node: Node): number {
  switch (node.type) {
    case 'text':
      return 1;
    case 'sequence':
      return node.items.reduce((sum, item) => sum + shortest(item), 0);
    case 'alternation':
      return Math.min(...node.branches.map(shortest));
    case 'capture':
    case 'atomic':
      return shortest(node.body);
    case 'repeat':
      return node.min * shortest(node.body);
    default:
      return 0;
  }
}
