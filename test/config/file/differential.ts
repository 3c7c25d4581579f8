/** Compares the strict grammar with the reference, text by text. */

import assert from 'node:assert/strict';
import { parse } from '../../../src/config/file/parse.js';
import type { ServicePorts } from '../../../src/system/port-names.js';
import { askOracle, type Verdict } from '../../helpers/oracle.js';
import { configShape, oracleShape } from './shape.js';

/** What differs, or null. */
export function difference(text: string, verdict: Verdict, services: ServicePorts): string | null {
  const { config, diagnostics } = parse(text, { strict: true, services });
  const error = diagnostics.find(({ severity }) => severity === 'error');
  if (!verdict.ok) {
    if (error === undefined)
      return `the reference rejects line ${verdict.line} (${verdict.message.trim()}), ours accepts`;
    return error.span.line === verdict.line
      ? null
      : `the reference rejects line ${verdict.line} (${verdict.message.trim()}), ours line ${error.span.line} (${error.message})`;
  }
  if (config === null) return `the reference accepts, ours rejects line ${error?.span.line}: ${error?.message}`;
  try {
    assert.deepEqual(configShape(config, verdict.hosts), oracleShape(verdict));
    return null;
  } catch (thrown) {
    return `understood otherwise: ${thrown instanceof Error ? thrown.message : thrown}`;
  }
}

/** Takes lines away from a text that is understood otherwise for as long as it still is. */
export async function shrink(text: string, services: ServicePorts): Promise<string> {
  const lines = text.split('\n');
  const shorter = lines.map((_, index) => lines.toSpliced(index, 1).join('\n'));
  const verdicts = await askOracle(shorter);
  const smaller = shorter.find((candidate, index) => {
    const verdict = verdicts[index];
    return verdict !== undefined && difference(candidate, verdict, services) !== null;
  });
  return smaller === undefined ? text : shrink(smaller, services);
}
