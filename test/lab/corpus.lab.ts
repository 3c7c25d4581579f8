/** Every accepted file of the corpus gives the kernel the same table as with the reference. */

import assert from 'node:assert/strict';
import { appendFile, readdir, readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { parse } from '../../src/config/file/parse.js';
import { destinationKey, serviceKey } from '../../src/ipvs/table.js';
import type { Config } from '../../src/model/config.js';
import { destinationOf, serviceOf } from '../../src/reconcile/desired.js';
import { loadServices } from '../../src/system/port-names.js';
import { shared } from '../helpers/repository.js';
import { addNamespace } from './inside/networks.js';
import { SideBySide } from './inside/side-by-side.js';

interface Recorded {
  readonly ok: boolean;
  readonly hostnames?: Readonly<Record<string, string>>;
}

interface Case {
  readonly name: string;
  readonly text: string;
  readonly hosts: Readonly<Record<string, string>>;
}

const corpus = shared === null ? null : `${shared}/corpus`;

/** Directives that reach outside, or that make a process for each service; none of them decides over the table. */
const unwanted = /^\s*(?:checktype|checkinterval|emailalert\w*|smtp|callback|execute|fork|logfile|autoreload)\s*=/;

/** The file as it is, but for checks that always pass and nothing that reaches outside. */
function withoutChecks(text: string): string {
  const lines = text.split('\n').flatMap((line) => {
    if (unwanted.test(line)) return [];
    return /^virtual6?\s*=/.test(line) ? [line, '\tchecktype=on'] : [line];
  });
  return `checkinterval=1\n${lines.join('\n')}`;
}

async function acceptedFiles(folder: string): Promise<Case[]> {
  const cases: Case[] = [];
  for (const file of (await readdir(folder)).filter((name) => name.endsWith('.cf'))) {
    const recorded: Recorded = JSON.parse(await readFile(`${folder}/${file.replace('.cf', '.json')}`, 'utf8'));
    if (!recorded.ok) continue;
    const text = withoutChecks(await readFile(`${folder}/${file}`, 'utf8'));
    cases.push({ name: file, text, hosts: recorded.hostnames ?? {} });
  }
  return cases;
}

const services = await loadServices();

function configOf(text: string): Config {
  const { config, diagnostics } = parse(text, { strict: false, services });
  assert.ok(config, diagnostics.map(({ span, message }) => `${span.line}: ${message}`).join('\n'));
  return config;
}

/**
 * Real servers that the kernel cannot tell apart, as with gate and several ports: the reference adds, changes and
 * deletes the one entry for each of them in turn, and never settles.
 */
function makesReferenceFlap(text: string): boolean {
  return configOf(text).virtuals.some((virtual) => {
    const keys = virtual.realServers
      .map((real) => destinationOf(virtual, { ...real, host: { ...real.host, address: real.host.name } }))
      .map((destination) => (destination ? destinationKey(destination) : ''));
    return new Set(keys).size < keys.length;
  });
}

function hasServicesOf(text: string): (rules: readonly string[]) => boolean {
  const wanted = new Set(
    configOf(text).virtuals.map((virtual) => {
      const service = serviceOf(virtual);
      return service ? serviceKey(service) : virtual.span.row;
    }),
  );
  return (rules) => rules.filter((rule) => rule.startsWith('-A')).length === wanted.size;
}

test('the corpus, one file after the other', {
  skip: corpus === null ? 'no corpus beside the repository' : false,
}, async (t) => {
  assert.ok(corpus !== null);
  const cases = (await acceptedFiles(corpus)).filter(({ text }) => !makesReferenceFlap(text));
  assert.ok(cases.length >= 10);
  for (const { hosts } of cases) {
    const lines = Object.entries(hosts).map(([name, address]) => `${address} ${name}\n`);
    await appendFile('/etc/hosts', lines.join(''));
  }
  await addNamespace(t, 'reference');
  let pair: SideBySide | null = null;
  for (const { name, text } of cases) {
    if (pair === null) pair = await SideBySide.start(t, 'reference', text);
    else await pair.reload(text);
    const rules = await pair.settled(hasServicesOf(text));
    t.diagnostic(`${name}: ${rules.length} rules`);
  }
});
