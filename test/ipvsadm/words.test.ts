import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readWords } from '../../src/ipvsadm/words.js';

/** `long:value` for each option, then the rest and the problem. */
function read(line: string): string {
  const { given, rest, problem } = readWords(line.split(' '));
  const options = given.map(
    ({ option, value }) => `${option.long ?? option.short}${value === null ? '' : `:${value}`}`,
  );
  return [...options, ...rest.map((word) => `<${word}>`), ...(problem === null ? [] : [`!${problem}`])].join(' ');
}

const lines: Readonly<Record<string, string>> = {
  '-A -t 10.0.0.1:80': 'add-service tcp-service:10.0.0.1:80',
  '-At10.0.0.1:80 -srr': 'add-service tcp-service:10.0.0.1:80 scheduler:rr',
  '-Lnc': 'list numeric connection',
  '-Lnt x': 'list numeric tcp-service:x',
  '-s=rr --scheduler=wrr --scheduler lc': 'scheduler:rr scheduler:wrr scheduler:lc',
  '-p -o': 'persistent ops',
  '-p 30 -o': 'persistent:30 ops',
  '-op 30': 'ops persistent:30',
  '-po': 'persistent:o',
  '--persistent= -p=40': 'persistent: persistent:40',
  '-w -1': 'weight:-1',
  '-L - x -- -n': 'list <-> <x> <-n>',
  '-L -q -n': 'list !-q: unknown option',
  '-Lq': 'list !-Lq: unknown option',
  '-L --conn': 'list !--conn: unknown option',
  '-Lnt': 'list numeric !-Lnt: missing argument',
  '-A --tcp-service': 'add-service !--tcp-service: missing argument',
  '-L --numeric=': 'list !--numeric=: option does not take an argument',
};

for (const [line, expected] of Object.entries(lines)) {
  test(`words: ${line}`, () => assert.equal(read(line), expected));
}

test('any words can be read, or are a problem; none that is no option is lost', () => {
  const word = fc.oneof(fc.string(), fc.constantFrom('-', '--', '-A', '-p', '-t', '--set', '-Ln', '--stats='));
  fc.assert(
    fc.property(fc.array(word), (words) => {
      const { given, rest, problem } = readWords(words);
      if (problem !== null) return;
      const found = new Set([...rest, ...given.map(({ value }) => value)]);
      for (const each of words) assert.ok(each.startsWith('-') || found.has(each));
    }),
  );
});
