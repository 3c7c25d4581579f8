/** Keys and values as etcd's gateway has them: bytes in base64, keys with the prefix before them. */

/** Of all keys that begin so. */
export interface Range {
  readonly key: string;
  readonly range_end: string;
}

export class Names {
  readonly #prefix: Buffer;

  /** Without a slash at its end. */
  constructor(prefix: string) {
    this.#prefix = Buffer.from(`${prefix}/`);
  }

  keyOf(name: string): string {
    return Buffer.concat([this.#prefix, Buffer.from(name)]).toString('base64');
  }

  /** All under the prefix. The first key behind them is the prefix with its last byte one greater. */
  get all(): Range {
    const end = Buffer.from(this.#prefix);
    const last = end.length - 1;
    end[last] = (end[last] ?? 0) + 1;
    return { key: this.#prefix.toString('base64'), range_end: end.toString('base64') };
  }

  /** Those of them that come after a key of an answer. */
  after(key: string): Range {
    return { ...this.all, key: Buffer.concat([Buffer.from(key, 'base64'), Buffer.of(0)]).toString('base64') };
  }

  /** Null for what is no key of ours: not under the prefix, or no text, so that two could be read as one. */
  nameOf(key: unknown): string | null {
    if (typeof key !== 'string') return null;
    const bytes = Buffer.from(key, 'base64');
    const length = this.#prefix.length;
    if (!bytes.subarray(0, length).equals(this.#prefix)) return null;
    const rest = bytes.subarray(length);
    const name = rest.toString('utf8');
    return Buffer.from(name).equals(rest) ? name : null;
  }
}

/** Empty values are left out of an answer. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? Buffer.from(value, 'base64').toString('utf8') : '';
}

export function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

/** Numbers of 64 bits come as strings; 0 is left out. */
export function numberOf(value: unknown): number {
  const number = Number(value ?? 0);
  return Number.isSafeInteger(number) ? number : 0;
}

/** A property of something that came as JSON. */
export function part(value: unknown, ...path: readonly string[]): unknown {
  let found: unknown = value;
  for (const name of path) {
    if (typeof found !== 'object' || found === null) return undefined;
    found = Object.hasOwn(found, name) ? (found as Record<string, unknown>)[name] : undefined;
  }
  return found;
}
