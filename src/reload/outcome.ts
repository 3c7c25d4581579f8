/** What came of reading the file again. */
export type ReloadOutcome =
  /**
   * `diagnostics` are the lines of both files that are warned of, as they are shown to people; `missing` is what does not
   * stand in the table yet, and why, a sentence each.
   */
  | {
      readonly ok: true;
      readonly differences: readonly string[];
      readonly diagnostics: string;
      readonly missing: readonly string[];
    }
  /** The configuration before still rules; `diagnostics` are the lines that are wrong. */
  | { readonly ok: false; readonly reason: string; readonly diagnostics: string };
