/**
 * Directives that no document lists: every word of the reference's own program text is tried as one, in the global
 * section and in that of a virtual service, and ours must know what the reference knows.
 */

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { directiveOf } from '../../../src/config/file/directives.js';
import { parse } from '../../../src/config/file/parse.js';
import { parseServices } from '../../../src/system/port-names.js';
import { askOracle, oracleMissing } from '../../helpers/oracle.js';
import { difference } from './differential.js';

const program = '/usr/sbin/ldirectord';
const services = parseServices(existsSync('/etc/services') ? readFileSync('/etc/services', 'utf8') : '');

/** Words that can begin a line, of the code alone: the manual in it lists what is listed anyway. */
function wordsOf(text: string): string[] {
  const code = text.replaceAll(/^=\w+[\s\S]*?^=cut$/gm, '').replace(/^__END__[\s\S]*/m, '');
  const words = new Set(code.match(/\b[a-z]\w*/g));
  // The text has the ending of those for IPv6 apart.
  for (const word of ['real', 'fallback']) words.add(`${word}6`);
  return [...words].sort();
}

const virtual = 'virtual=192.0.2.1:80\n\treal=10.0.0.1:80 gate\n';
const places = [(line: string): string => `${line}\n${virtual}`, (line: string): string => `${virtual}\t${line}\n`];
// Whatever a directive takes, it takes one of them.
const values = [
  '"word"',
  'yes',
  '5',
  '/dev/null',
  '10.0.0.9:80',
  '255.255.255.0',
  'all',
  'wlc',
  'tcp',
  'GET',
  'http',
  '""',
  '" "',
  'x',
];

test('every directive of the reference’s program text is read the same', { skip: oracleMissing }, async (t) => {
  const words = wordsOf(readFileSync(program, 'utf8'));
  const probes = words.flatMap((word) => places.map((place) => ({ word, place, text: place(`${word} = "word"`) })));
  const first = await askOracle(probes.map(({ text }) => text));
  const isUnknown = (index: number): boolean => {
    const verdict = first[index];
    return verdict?.ok === false && /^Unknown command/.test(verdict.message);
  };
  const known = probes.filter((_, index) => !isUnknown(index));
  const directives = [...new Set(known.map(({ word }) => word))];
  // What the reference refuses as gone is refused here as well, and needs no row.
  const rowless = directives.filter((word) => directiveOf(word) === undefined);
  const gone = rowless.filter((word) => {
    const { diagnostics } = parse(`${word} = 5\n${virtual}`, { strict: true, services });
    return diagnostics.some(({ code }) => code === 'removed-directive');
  });
  assert.deepEqual(rowless, gone, 'the reference reads these and ours does not');

  // A command of blanks alone is one to the reference. Nobody means that, and here it is refused as empty.
  const isMeant = (line: string): boolean => !/^(?:check|fallback)command = " "$/.test(line);
  const texts = known.flatMap(({ word, place }) =>
    values
      .map((value) => `${word} = ${value}`)
      .filter(isMeant)
      .map(place),
  );
  const verdicts = await askOracle(texts);
  const wrong = texts.flatMap((text, index) => {
    const verdict = verdicts[index];
    const found = verdict === undefined ? 'no verdict' : difference(text, verdict, services);
    return found === null ? [] : [`${JSON.stringify(text)}: ${found}`];
  });
  assert.deepEqual(wrong, []);
  t.diagnostic(
    `${words.length} words, ${directives.length} of them directives (${gone.join(' and ')} gone): ` +
      `${texts.length} lines read the same`,
  );
  assert.ok(directives.length > 40 && directives.includes('load'), directives.join(' '));
});
