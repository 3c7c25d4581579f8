/** Real servers, what they are asked, and what a client of theirs would find. */

import assert from 'node:assert/strict';
import { checksOf } from '../../../src/checks/check.js';
import { interpret } from '../../../src/config/load.js';
import type { ServiceName } from '../../../src/config/services.js';
import type { Check, ProbeResult } from '../../../src/probes/probe.js';
import { runProbe } from '../../../src/probes/run.js';
import { plainCheck } from '../../../src/probes/server-check.js';
import { brief } from '../../helpers/check.js';
import { withoutLeaks } from '../../helpers/leaks.js';
import type { ServerProgram } from '../../helpers/servers/server-program.js';

export interface Started extends ServerProgram {
  /** The port of what it passes on to, where that is a server of the test's. */
  readonly behind?: number;
}

export interface Case {
  readonly name: string;
  /** Directives of the virtual service beyond its `service`, a line each. */
  readonly ask: string | ((server: Started) => string);
  readonly up: boolean;
  readonly says: RegExp;
  /** Asked while the server's processes are stopped. */
  readonly frozen?: boolean;
  /** Milliseconds, where it is silence that is told. */
  readonly within?: number;
}

/** One server with one set of settings: it is started once, and asked everything. */
export interface Served {
  /** Or the checktype, where the service is not asked. */
  readonly service: ServiceName | 'connect' | 'external' | 'external-perl';
  readonly server: string;
  readonly settings: string;
  /** Why it cannot run here. */
  readonly missing: string | false;
  readonly start: () => Promise<Started>;
  readonly cases: readonly Case[];
}

/** Milliseconds within which a sound answer comes, however busy the machine, in seconds. */
const patience = 20;
const overUdp: ReadonlySet<string> = new Set(['dns', 'ntp', 'radius', 'tftp', 'udp']);

function isChecktype(service: Served['service']): boolean {
  return service === 'connect' || service === 'external' || service === 'external-perl';
}

/** A virtual service of one real server, as it stands in a configuration. */
export function sectionOf({ service }: Pick<Served, 'service'>, { ask }: Pick<Case, 'ask'>, server: Started): string {
  const asked = typeof ask === 'string' ? ask : ask(server);
  const lines = [
    `real=${server.address}:${server.port} masq`,
    ...(isChecktype(service) ? [`checktype=${service}`] : ['checktype=negotiate', `service=${service}`]),
    ...(asked.includes('protocol=') ? [] : [`protocol=${overUdp.has(service) ? 'udp' : 'tcp'}`]),
    ...asked.split('\n').filter((line) => line.trim() !== ''),
  ];
  return [`virtual=192.0.2.1:${server.port}`, ...lines.map((line) => `\t${line.trim()}`), ''].join('\n');
}

/** The check that the section stands for, the files that it names included. */
export async function checkOf(section: string): Promise<Check> {
  const text = `checktimeout=${patience}\nnegotiatetimeout=${patience}\n${section}`;
  const { config, diagnostics } = await interpret(text, { strict: false });
  const [virtual] = config?.virtuals ?? [];
  const [real] = virtual?.realServers ?? [];
  const keyed = virtual && real && checksOf(virtual)(real);
  assert.ok(keyed, diagnostics.map(({ span, message }) => `${span.line}: ${message}`).join('\n') || section);
  return plainCheck(keyed.check);
}

/** Asks once. A stopped server is let go on afterwards, and must be up again: otherwise there is no verdict. */
export async function answerTo(served: Served, one: Case, server: Started): Promise<ProbeResult> {
  const check = await checkOf(sectionOf(served, one, server));
  const ask = (changes: Partial<Check> = {}) => withoutLeaks(() => runProbe({ ...check, ...changes }, 'negotiate'));
  if (one.frozen !== true) return ask(one.within === undefined ? {} : { negotiateTimeout: one.within });
  server.freeze();
  let stopped: ProbeResult;
  try {
    stopped = await ask({ negotiateTimeout: brief, checkTimeout: brief });
  } finally {
    server.thaw();
  }
  const again = await ask();
  return again.ok === true ? stopped : { ...again, ok: null, reason: `it goes on, and is found: ${again.reason}` };
}

/** A server whose processes are stopped, asked what finds it up otherwise. */
export function stopped(ask: Case['ask'], says = /: not done within 0.4 s$/): Case {
  return { name: 'stopped process', ask, up: false, says, frozen: true };
}
