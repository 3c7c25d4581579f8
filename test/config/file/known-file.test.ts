/** A file that is read again, with what is known of the version before, means what it means when it is read at first. */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { refusals } from '../../../src/checks/refusals.js';
import { adviseOnKernel } from '../../../src/config/diagnostics/kernel-advice.js';
import { sameServices } from '../../../src/config/diagnostics/same-services.js';
import type { KnownFile } from '../../../src/config/file/known-file.js';
import { type Parsed, parse, parseInSlices } from '../../../src/config/file/parse.js';
import { sectionLines } from '../../../src/config/file/section-lines.js';
import { capabilitiesOf } from '../../../src/ipvs/capabilities.js';
import type { Config, SectionSpan, Virtual } from '../../../src/model/config.js';
import { spanIn } from '../../../src/model/section-span.js';
import { adviseOnBackend } from '../../../src/reconcile/advice/backend-advice.js';
import { adviseOnTable } from '../../../src/reconcile/advice/table-advice.js';
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

/** The head and the sections, in pieces. */
function pieces(text: string): string[] {
  return text.split(/^(?=virtual)/m);
}

/** A section more, one less, or elsewhere. */
function withOtherSections(text: string, random: Random): string {
  const [first = '', ...sections] = pieces(text);
  const [at, other, kind] = [random(sections.length + 1), random(sections.length + 1), random(4)];
  const comment = random(2) === 0 ? '' : '# what comes here\n';
  if (kind === 0) sections.splice(at, 0, comment + section(20 + random(9)));
  else if (kind === 1) sections.splice(at, 1);
  else sections.splice(at, 0, ...sections.splice(other, 1 + random(2)));
  return [first, ...sections].join('');
}

/** One to three edits of lines, or of sections. */
function edited(text: string, random: Random): string {
  if (random(4) === 0) return withOtherSections(text, random);
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

/** With every place of a virtual service where it stands now. */
function placed(value: unknown, config: Config, virtual: Virtual): unknown {
  if (Array.isArray(value)) return value.map((one) => placed(one, config, virtual));
  if (value === null || typeof value !== 'object' || value instanceof RegExp) return value;
  if ('row' in value) return spanIn(config, virtual, value as SectionSpan);
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, placed(one, config, virtual)]));
}

/** What is said of a configuration once it is read, with places. */
function saidOf(config: Config, text: string): unknown {
  return [
    ...atOnce(sameServices(config)),
    ...atOnce(refusals(config)),
    ...atOnce(adviseOnTable(config)),
    ...atOnce(adviseOnBackend(config, capabilitiesOf('userspace'))),
    ...adviseOnKernel(config, { expireQuiescentTemplate: '0', expireNodestConn: '0', conntrack: '0' }),
    ...config.virtuals.map((virtual) =>
      [...virtual.realServers, ...virtual.fallbacks].map((real) => sectionLines(text, config, virtual, real)),
    ),
  ];
}

/** Of what was parsed all but which objects are kept, and where they stood when they were read. */
function meaning({ config, diagnostics, programs, outputs, known }: Parsed, text: string): unknown {
  const virtuals = config?.virtuals.map((virtual) => placed(virtual, config, virtual));
  const sections = known?.sections.map(({ block, key }) => ({ block, key }));
  const said = config && saidOf(config, text);
  return { global: config?.global, virtuals, diagnostics, programs, outputs, head: known?.head, sections, said };
}

function assertSame(text: string, before: KnownFile | null): Parsed {
  const first = parse(text, options);
  const found = again(text, before);
  assert.deepEqual(meaning(found, text), meaning(first, text), text);
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
  assert.ok(kept > 2_000, String(kept));
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

function keptOf(before: Parsed, after: Parsed): number {
  const was = new Set(before.config?.virtuals);
  return after.config?.virtuals.filter((virtual) => was.has(virtual)).length ?? 0;
}

test('lines and sections that come or go above a section leave it the same one', () => {
  const before = parse(plain, options);
  const [first = '', one = '', ...others] = pieces(plain);
  const rest = others.join('');
  const edits: readonly (readonly [kept: number, text: string])[] = [
    [5, first + one.replace('\t# a comment', '\t# a comment\n\t# and another') + rest],
    [5, first + one.replace('\t# a comment\n', '') + rest],
    [6, `${first}# of the first\n${one}\n\n# of the others\n${rest}`],
    [6, first + section(9) + one + rest],
    [6, first + one + section(9) + rest],
    [6, plain + section(9)],
    [5, first + rest],
    [6, first + rest + one],
    // What every section inherits.
    [0, first.replace('checktimeout=3', 'checktimeout=4') + one + rest],
    [0, `# the first line\n${plain}`],
  ];
  for (const [kept, text] of edits) assert.equal(keptOf(before, assertSame(text, before.known)), kept, text);
});

test('what was said of a section is said where it stands', () => {
  const doubled = section(1).replace('10.0.1.2', '10.0.1.1');
  const useless = section(2).replace('scheduler=wrr', 'checkcommand="/no/such"\n    monitorfile="/nowhere/at/all"');
  const before = parse(head + doubled + useless, options);
  const text = `${head}${section(9)}# more\n${doubled}${useless}`;
  const after = assertSame(text, before.known);
  // A message that names a line is made anew.
  assert.equal(keptOf(before, after), 1);
  assert.deepEqual(
    after.diagnostics.map(({ code, message, span }) => [code, span.line, /line \d+/.exec(message)?.[0]]),
    [['duplicate-real-server', 17, 'line 16']],
  );
  assert.deepEqual(
    after.outputs.map(({ span }) => text.split('\n')[span.line - 1]?.trim()),
    ['monitorfile="/nowhere/at/all"'],
  );
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
