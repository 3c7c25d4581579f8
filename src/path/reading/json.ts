/** JSON that programs print: taken apart without trust. */

/** Of these members nothing is known. */
export type Loose<K extends string> = Readonly<Record<K, unknown>>;

/** The objects of an array; null where the text is something else. */
export function objectsIn<K extends string>(text: string): Loose<K>[] | null {
  try {
    return objectsOf<K>(JSON.parse(text));
  } catch {
    return null;
  }
}

/** Those of an array; null where the value is none. */
export function objectsOf<K extends string>(value: unknown): Loose<K>[] | null {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'object' && one !== null) : null;
}

/** Without members where the value is no object. */
export function objectOf<K extends string>(value: unknown): Loose<K> {
  return (typeof value === 'object' && value !== null ? value : {}) as Loose<K>;
}

export function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

export function numberOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : null;
}
