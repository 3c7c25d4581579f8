import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { diagnosticCodes, errorCodes, warningCodes } from '../../../src/config/diagnostics/codes.js';
import { parse } from '../../../src/config/file/parse.js';
import { unwritableOutputs } from '../../../src/config/named-outputs.js';
import { parseServices } from '../../../src/system/port-names.js';
import { repository } from '../../helpers/repository.js';

const services = parseServices('http 80/tcp\n');
const virtual = 'virtual=192.0.2.1:80\n';
const real = '\treal=10.0.0.1:80 gate\n';

/** Those that no other test is about. */
const produced: readonly (readonly [code: string, text: string])[] = [
  ['bad-netmask', `${virtual}${real}\tnetmask=255.255\n`],
  ['bad-pattern', `${virtual}${real}\treceive="("\n`],
  ['bad-real-server', `${virtual}\treal=?\n`],
  ['global-in-section', `${virtual}${real}\tautoreload=yes\n`],
  ['not-a-directive', `${virtual}${real}\tquiescent\n`],
  ['outside-section', `scheduler=rr\n${virtual}${real}`],
  ['reserved-mark', `${virtual}${real}\tcheckpath=forwarded\nvirtual=1275068416\n${real}`],
  ['reserved-mark', `${virtual}${real}\tcheckpath=forwarded\nvirtual=192.0.2.2:80\n${real}\tcheckmark=0x4cffffff\n`],
  ['reserved-mark', `${virtual.replace(':80', '')}${real}\tports=80\nvirtual=1291845633\n${real}`],
  ['unknown-httpauth', `${virtual}${real}\thttpauth=digest\n`],
  ['unknown-httpversion', `${virtual}${real}\thttpversion=3\n`],
  ['unknown-method', `${virtual}${real}\thttpmethod=PUT\n`],
  ['unknown-receivein', `${virtual}${real}\treceivein=trailers\n`],
  ['unknown-status', `${virtual}${real}\temailalertstatus=sleeping\n`],
  ['unknown-tls-mode', `${virtual}${real}\ttls=perhaps\n`],
  ['wrong-protocol', `${virtual}${real}\tprotocol=sctp\n`],
  ['datagram-service', `virtual=192.0.2.1:123\n\treal=10.0.0.1:123 gate\n\tservice=ntp\n`],
  ['wrong-checkpath', `virtual=7\n${real}\tservice=http\n\tcheckpath=forwarded\n`],
  ['useless-checkpath', `${virtual}\treal=10.0.0.1:80 masq\n\tcheckpath=forwarded\n`],
  ['useless-dnstype', `${virtual}${real}\tdnstype=MX\n`],
  ['useless-hex', `${virtual}${real}\trequesthex=00\n`],
];

for (const [code, text] of produced) {
  test(`${code} for ${JSON.stringify(text)}`, () => {
    // Of a global line, strict mode says what it is and the default mode looks for a section.
    const strict = code === 'global-in-section';
    const { diagnostics } = parse(text, { strict, services });
    const found = diagnostics.filter((diagnostic) => diagnostic.code === code);
    assert.equal(found.length, 1, JSON.stringify(diagnostics));
    if (code in errorCodes) assert.equal(found[0]?.severity, 'error');
    if (code in warningCodes) assert.equal(found[0]?.severity, 'warning');
  });
}

test('unknown-facility for a log that is a word', async () => {
  const { outputs } = parse(`logfile="local9"\n${virtual}${real}`, { strict: false, services });
  const codes = (await unwritableOutputs(outputs)).map(({ code }) => code);
  assert.equal(codes[0], 'unknown-facility');
});

/** The files of a folder, without the table itself. */
function textOf(folder: string, ending: string): string {
  return readdirSync(`${repository}${folder}`, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith(ending) && !path.endsWith('diagnostic-codes.ts'))
    .map((path) => readFileSync(`${repository}${folder}/${path}`, 'utf8'))
    .join('\n');
}

test('each code is used, and some test is about it', () => {
  const sources = textOf('src', '.ts');
  const tests = textOf('test', '.test.ts');
  for (const code of Object.keys(diagnosticCodes)) {
    assert.ok(sources.includes(`'${code}'`), `nothing says ${code}: take it out of the table`);
    assert.match(tests, new RegExp(`(?<![\\w-])${code}(?![\\w-])`), `no test is about ${code}`);
  }
});

test('a sentence says what to do, and fits into a table', () => {
  for (const [code, sentence] of Object.entries(diagnosticCodes)) {
    assert.match(sentence, /^[^|\n;]+; [^|\n;]+[^.]$/, code);
  }
});
