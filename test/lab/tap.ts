/** What node:test's TAP reporter says of files' tests: the outer ones, each with all that it printed about itself. */

import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';

export interface TapResult {
  readonly name: string;
  readonly ok: boolean;
  /** Why it was not run. */
  readonly skip?: string;
  /** Its part of the report: its inner tests, and its error. */
  readonly text: string;
  /** What the test wanted to have said, as measured figures. */
  readonly diagnostics: readonly string[];
}

export interface TapReport {
  readonly results: readonly TapResult[];
  /** Whether the report came to its end and no test is missing in it. */
  readonly complete: boolean;
}

const sectionStart = /^# Subtest: /m;
const resultLine = /^(?<not>not )?ok \d+ - (?<name>.*?)(?: # SKIP ?(?<skip>.*))?$/m;
const diagnosticLine = /^# (.*)$/gm;
/** Behind it stand only sums. */
const planLine = /^1\.\.(\d+)$/m;

export function parseTap(text: string): TapReport {
  const plan = planLine.exec(text);
  const [, ...sections] = text.slice(0, plan?.index).split(sectionStart);
  const results = sections.flatMap(resultOf);
  return { results, complete: plan !== null && Number(plan[1]) === results.length };
}

/** The first line of a section is the name again, without its `#`. */
function resultOf(section: string): TapResult[] {
  const result = resultLine.exec(section)?.groups;
  if (!result) return [];
  const skip = result['skip'];
  return [
    {
      name: unescaped(result['name'] ?? ''),
      ok: !result['not'],
      ...(skip === undefined ? {} : { skip: unescaped(skip) }),
      text: section,
      diagnostics: [...section.matchAll(diagnosticLine)].map(([, comment = '']) => unescaped(comment)),
    },
  ];
}

function unescaped(text: string): string {
  return text.replaceAll(/\\([\\#])/g, '$1');
}

/** Reports it as if it ran here. */
export async function relay(t: TestContext, { name, ok, skip: reason, text, diagnostics }: TapResult): Promise<void> {
  await t.test(name, { skip: reason ?? false }, (inner) => {
    for (const diagnostic of diagnostics) inner.diagnostic(diagnostic);
    assert.ok(ok, text);
  });
}
