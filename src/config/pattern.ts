/** Placeholder until the translator is merged. */
export type Translation =
  | { readonly ok: true; readonly regex: RegExp }
  | { readonly ok: false; readonly message: string; readonly offset: number; readonly length: number };

export function translatePattern(source: string): Translation {
  try {
    return { ok: true, regex: new RegExp(source, 's') };
  } catch (error) {
    return { ok: false, message: String(error), offset: 0, length: source.length };
  }
}
