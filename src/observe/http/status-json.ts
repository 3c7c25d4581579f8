/** The status as JSON, made in slices: of ten thousand servers it is some megabytes. */

import type { Work } from '../../config/slices.js';
import type { Status } from '../../status/model.js';
import type { ActionName } from './shapes.js';

/** Characters that are encoded at once. */
const portion = 64 * 1024;

/** Bytes of a `StatusAnswer`. */
export function* encodingStatus(status: Status, actions: readonly ActionName[]): Work<readonly Buffer[]> {
  const { virtuals, ...rest } = status;
  const portions: Buffer[] = [];
  let text = `${JSON.stringify({ ...rest, actions }).slice(0, -1)},"virtuals":[`;
  for (const [at, virtual] of virtuals.entries()) {
    text += (at === 0 ? '' : ',') + JSON.stringify(virtual);
    if (text.length >= portion) {
      portions.push(Buffer.from(text));
      text = '';
    }
    yield;
  }
  portions.push(Buffer.from(`${text}]}`));
  return portions;
}
