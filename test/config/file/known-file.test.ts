/** A file that is read again, with what is known of the version before, means what it means when it is read at first. */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { KnownFile } from '../../../src/config/file/known-file.js';
import { type Parsed, parse, parseInSlices } from '../../../src/config/file/parse.js';
import { atOnce } from '../../../src/slices.js';
import { parseServices } from '../../../src/system/port-names.js';
import { largeFile } from '../../helpers/large-file.js';
import { type Random, seeded } from '../../helpers/random.js';
import { shared } from '../../helpers/repository.js';

const services = parseServices('http 80/tcp\nhttps 443/tcp\ndomain 53/tcp\ndomain 53/udp\n');
const options = { strict: false, services };

function again(text: string, known: KnownFile | null): Parsed {
  return atOnce(parseInSlices(text, options, known));
}

const head = `# a head
checktimeout=3
checkinterval = 5
fallback=127.0.0.1:80
autoreload=no
`;

function section(index: number): string {
  return `virtual=192.0.2.${index}:80
\treal=10.0.${index}.1:80 gate 5
\treal=10.0.${index}.2:80 masq 5 "a","b"
\t# a comment
\tservice=http
\trequest="index.html"
    scheduler=wrr

`;
}

const plain = head + [1, 2, 3, 4, 5, 6].map(section).join('');

/** Lines for sections, for the global section, and such as are wrong, or right by a mend alone. */
const lines = [
  ...['\treal=10.9.9.9:80 gate', '\treal=10.0.1.1:80 gate 5', '\tweight=5', '\tscheduler=sh', '\tchecktype=connect'],
  ...['\tfallback=10.1.1.1:80 masq', '\tfallback=127.0.0.1:81', '\tfallbackuse=all', '\tfallbackcheck=yes'],
  ...[
    '\tprotocol=udp',
    '\tpersistent=600',
    '\tnetmask=255.255.255.0',
    '\tchecktype=external',
    '\tcheckcommand="/no/such"',
  ],
  ...['\tchecktype=external-perl', '\tmonitorfile="/nowhere/at/all"', '\tfallbackcommand="/no/such"', '\ttls=yes'],
  ...['\ttrack=192.0.2.2:80', '\tcheckpath=forwarded', '\tcheckmark=5', '\tports=80,443', '\trequire=ping'],
  ...['\treal=web1:80 gate', '\treal=10.0.0.5->10.0.0.8:80 gate', '\tslowstart=60', '\tminhealthy=1', '\tsnat=yes'],
  ...[
    'callback="/no/such"',
    '\tcallback="/no/such"',
    'quiescent=yes',
    '\tquiescent=no',
    'checktimeout=9',
    'supervised',
  ],
  ...[
    'fallback=10.2.2.2:80',
    'fallback=10.3.3.3',
    'fallbackuse=first',
    'logfile="/nowhere/log"',
    'fallbackservice=http',
  ],
  ...[
    '',
    '',
    ' ',
    '\t',
    '     ',
    '# comment',
    '\t# comment',
    '\t#',
    '\treal=10.0.0.1:80 gate # told',
    '\tvirtual=1.2.3.4:80',
  ],
  ...[
    'Virtual=192.0.2.77:80',
    '  virtual=192.0.2.78:80',
    'virtual =192.0.2.79:80',
    'virtual=192.0.2.1:080',
    'virtual=5',
  ],
  ...[
    'virtual6=[2001:db8::1]:80',
    'virtual=192.0.2.2:80',
    'virtual=www:80',
    'virtual=192.0.2.9',
    'virtual=nowhere:nosuch',
  ],
  ...[
    '\treal6=[::1]:80 gate',
    'real=10.0.0.1:80 gate',
    'service=http',
    ' service=http',
    '\tService=http',
    '\tnosuch=1',
    'junk',
  ],
  ...[
    '\tscheduler=wrr\r',
    '\treceive="a#b"',
    '\tchecktimeout=1',
    '\trequest="/\u2028"',
    '\ufeff# mark',
    '\tservice=dns',
  ],
];

/** One to three edits of lines. */
function edited(text: string, random: Random): string {
  const written = text.split('\n');
  for (let edits = 1 + random(3); edits > 0; edits -= 1) {
    const [at, other] = [random(written.length), random(written.length)];
    const line = lines[random(lines.length)] ?? '';
    const [kind, length] = [random(8), 1 + random(9)];
    if (kind < 2) written.splice(at, 0, line);
    else if (kind === 2) written.splice(at, 1);
    else if (kind === 3) written[at] = line;
    else if (kind === 4) written.splice(at, 0, ...written.slice(other, other + length));
    else if (kind === 5) written.splice(at, 0, ...written.splice(other, length));
    else if (kind === 6) written[at] = (written[at] ?? '').replace(/\d(?=\D*$)/, String(random(10)));
    else written.splice(at, length);
  }
  return written.join('\n');
}

function assertSame(text: string, before: KnownFile | null): Parsed {
  const first = parse(text, options);
  const found = again(text, before);
  assert.deepEqual(found, first, text);
  return found;
}

function assertChain(text: string, seed: number, edits: number): number {
  const random = seeded(seed);
  let last = assertSame(text, null);
  let current = text;
  let kept = 0;
  for (let count = 0; count < edits; count += 1) {
    const next = edited(random(4) === 0 ? text : current, random);
    const found = assertSame(next, last.known);
    const before = new Set(last.config?.virtuals);
    kept += found.config?.virtuals.filter((virtual) => before.has(virtual)).length ?? 0;
    // As where a version is rejected: what is known of the one before stays.
    if (found.config !== null) [last, current] = [found, next];
  }
  return kept;
}

test('edits of a plain file are understood as the whole file is, and sections that stand as they stood are the same', () => {
  let kept = 0;
  for (let seed = 1; seed <= 150; seed += 1) kept += assertChain(plain, seed, 12);
  assert.ok(kept > 500, String(kept));
});

const corpusMissing = shared === null ? 'no corpus beside the repository' : false;

test('so are edits of the files of the corpus', { skip: corpusMissing }, () => {
  for (const name of readdirSync(`${shared}/corpus`).filter((one) => one.endsWith('.cf'))) {
    const text = readFileSync(`${shared}/corpus/${name}`, 'utf8');
    for (let seed = 1; seed <= 6; seed += 1) assertChain(text, seed, 6);
  }
});

test('another weight makes one virtual service another one', () => {
  const text = largeFile();
  const before = parse(text, options);
  assert.ok(before.known);
  const { config } = again(text.replace('10.3.7.5:80 gate 10', '10.3.7.5:80 gate 11'), before.known);
  const others = config?.virtuals.filter((virtual, index) => virtual !== before.config?.virtuals[index]);
  assert.deepEqual(
    others?.map(({ realServers }) => realServers.map(({ weight }) => weight).filter((weight) => weight !== 10)),
    [[11]],
  );
  assert.equal(config?.global, before.config?.global);
});

test('a version with an error is told as a whole, and forgets nothing of the one before', () => {
  const before = again(plain, null);
  const wrong = plain.replace('scheduler=wrr', 'scheduler=5');
  const { config, diagnostics, known } = again(wrong, before.known);
  assert.equal(config, null);
  assert.equal(known, null);
  assert.deepEqual(diagnostics, parse(wrong, options).diagnostics);
});

test('strictly a file is read as a whole', () => {
  const { known } = parse(plain, { strict: true, services });
  assert.equal(known, null);
});
