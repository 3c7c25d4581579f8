/** What nft(8) lists of a table, as rules: libnftables-json(5). */

import type { Family, PortRange, Transport } from '../../model/config.js';
import { mergePorts } from '../../model/port-ranges.js';
import { type Chain, type ChainRule, chainOf, type Hook, inOrder, rulesIn } from './layout.js';
import type { PacketRules, SnatSubject } from './rules.js';
import type { Count, Counts } from './script.js';

export interface StandingTable {
  /** Null where it holds something else than rules of ours, laid out as we do. */
  readonly rules: PacketRules | null;
  readonly counts: Counts;
}

type Json = Readonly<Record<string, unknown>>;

/** Throws a SyntaxError for what is no JSON. */
export function readTable(text: string): StandingTable {
  const listed = (JSON.parse(text) as { readonly nftables?: unknown }).nftables;
  const entries = Array.isArray(listed) ? listed : [];
  const counts = new Map<string, Count>();
  const chains = new Map<unknown, { readonly hook: Hook | null; readonly rules: ChainRule[] }>();
  let isOurs = true;
  for (const entry of entries) {
    const [[kind = '', value] = []] = Object.entries(isJson(entry) ? entry : {});
    if (kind === 'metainfo' || kind === 'table') continue;
    if (!isJson(value)) isOurs = false;
    else if (kind === 'counter') {
      const { name, packets, bytes } = value;
      counts.set(String(name), { packets: Number(packets), bytes: Number(bytes) });
    } else if (kind === 'chain') chains.set(value['name'], { hook: hookOf(value), rules: [] });
    else if (kind === 'rule') {
      const rule = ruleOf(value['expr']);
      const chain = chains.get(value['chain']);
      if (rule === null || chain === undefined) isOurs = false;
      else chain.rules.push(rule);
    } else isOurs = false;
  }
  const layout = {
    counters: [...counts.keys()].sort(),
    chains: inOrder([...chains].map(([name, chain]): Chain => ({ name: String(name), ...chain }))),
  };
  return { rules: isOurs ? rulesIn(layout) : null, counts };
}

/** What is no hook of ours is one that `layoutOf` never makes. */
function hookOf({ type, hook, prio, policy }: Json): Hook | null {
  if (type === undefined) return null;
  return { type, name: hook, priority: policy === 'accept' ? prio : Number.NaN } as Hook;
}

/** The parts of a rule, each at most once. */
interface Parts {
  readonly matches: ReadonlyMap<string, readonly unknown[]>;
  readonly ways: Json | null;
  readonly counter: string;
  readonly mark: number | null;
  readonly masquerades: boolean;
  readonly returns: boolean;
}

/** Null for one that we do not write. */
function ruleOf(expressions: unknown): ChainRule | null {
  const parts = Array.isArray(expressions) ? partsOf(expressions) : null;
  if (parts === null) return null;
  return begunRule(parts) ?? waysRule(parts) ?? markRule(parts) ?? snatRule(parts);
}

function partsOf(expressions: readonly unknown[]): Parts | null {
  const matches = new Map<string, readonly unknown[]>();
  let [ways, counter, mark]: [Json | null, string, number | null] = [null, '', null];
  let [masquerades, returns] = [false, false];
  for (const expression of expressions) {
    const [[kind = '', value] = []] = Object.entries(isJson(expression) ? expression : {});
    if (kind === 'match' && isJson(value)) {
      const key = `${value['op']} ${subjectOf(value['left'])}`;
      if (matches.has(key)) return null;
      matches.set(key, elementsOf(value['right']));
    } else if (kind === 'vmap' && isJson(value)) ways = value;
    else if (kind === 'counter' && typeof value === 'string') counter = value;
    else if (kind === 'masquerade' && value === null) masquerades = true;
    else if (kind === 'return' && value === null) returns = true;
    else if (kind === 'mangle' && isJson(value) && subjectOf(value['key']) === 'meta mark') {
      mark = Number(value['value']);
    } else return null;
  }
  return { matches, ways, counter, mark, masquerades, returns };
}

/** Newer ones list `tcp flags ! syn`, older ones as it is written. */
function begunRule({ matches, ways, mark, counter, masquerades, returns }: Parts): ChainRule | null {
  if (!returns || matches.size !== 2 || ways !== null || mark !== null || counter !== '' || masquerades) return null;
  const hasNone = matches.get('! tcp flags')?.join() === 'syn' || matches.get('== tcp flags & syn')?.join() === '0';
  const state = matches.get('in ct state') ?? matches.get('== ct state');
  return hasNone && state?.join() === 'new' ? { kind: 'begun' } : null;
}

function waysRule({ matches, ways, mark, counter, masquerades, returns }: Parts): ChainRule | null {
  if (ways === null || matches.size > 0 || mark !== null || counter !== '' || masquerades || returns) return null;
  const family = familyOf(subjectOf(ways['key']), 'daddr');
  if (family === null) return null;
  const to: string[] = [];
  for (const element of elementsOf(ways['data'])) {
    const [address, verdict] = Array.isArray(element) ? element : [];
    const jump = isJson(verdict) ? verdict['jump'] : null;
    if (typeof address !== 'string' || !isJson(jump) || jump['target'] !== chainOf(address)) return null;
    to.push(address);
  }
  return { kind: 'ways', family, to: to.sort() };
}

function markRule({ matches, mark, counter, masquerades, returns }: Parts): ChainRule | null {
  const unmarked = matches.get('!= meta mark');
  if (mark === null || masquerades || returns || matches.size !== 2 || unmarked?.join() !== String(mark)) return null;
  for (const transport of ['tcp', 'udp'] as const) {
    const ports = matches.get(`== ${transport} dport`)?.map(portRange);
    if (ports?.every((range) => range !== null))
      return { kind: 'mark', transport, ports: mergePorts(ports), mark, counter };
  }
  return null;
}

function snatRule({ matches, mark, counter, masquerades, returns }: Parts): ChainRule | null {
  if (!masquerades || returns || mark !== null) return null;
  for (const family of ['inet', 'inet6'] as const) {
    const servers = matches.get(`== ${keyword[family]} daddr`);
    const of = snatSubject(matches, family);
    if (of !== null && servers?.every((server) => typeof server === 'string')) {
      return { kind: 'snat', family, of, servers: servers.toSorted(), counter };
    }
  }
  return null;
}

/** Beside the servers; null where there is anything that we do not write. */
function snatSubject(matches: Parts['matches'], family: Family): SnatSubject | null {
  const [mark] = matches.get('== meta mark') ?? [];
  // Where a match of the packet's own address says the family anyway, nft leaves it out.
  const said = matches.has('== meta nfproto') ? 1 : 0;
  if (typeof mark === 'number') return matches.size === 2 + said ? { mark } : null;
  const [address] = matches.get(`== ct original ${keyword[family]} daddr`) ?? [];
  const [transport] = matches.get('== meta l4proto') ?? [];
  const [port = 0] = matches.get('== ct original proto-dst') ?? [];
  if (typeof address !== 'string' || typeof port !== 'number' || !isTransport(transport)) return null;
  return matches.size === (port === 0 ? 3 : 4) ? { transport, address, port } : null;
}

const keyword = { inet: 'ip', inet6: 'ip6' } as const;

function familyOf(subject: string, field: string): Family | null {
  return (['inet', 'inet6'] as const).find((family) => subject === `${keyword[family]} ${field}`) ?? null;
}

/** What is matched or set, in the words of nft(8). */
function subjectOf(left: unknown): string {
  if (!isJson(left)) return '';
  const { meta, payload, ct, '&': masked } = left;
  if (isJson(meta)) return `meta ${meta['key']}`;
  if (isJson(payload)) return `${payload['protocol']} ${payload['field']}`;
  if (isJson(ct)) return ['ct', ct['dir'], ct['key']].filter((word) => word !== undefined).join(' ');
  if (Array.isArray(masked) && masked.length === 2) return `${subjectOf(masked[0])} & ${masked[1]}`;
  return '';
}

/** One element is listed without its set. */
function elementsOf(right: unknown): readonly unknown[] {
  const set = isJson(right) ? right['set'] : undefined;
  if (set === undefined) return [right];
  return Array.isArray(set) ? set : [set];
}

function portRange(element: unknown): PortRange | null {
  if (typeof element === 'number') return { from: element, to: element };
  const [from, to] = isJson(element) && Array.isArray(element['range']) ? element['range'] : [];
  return typeof from === 'number' && typeof to === 'number' ? { from, to } : null;
}

function isTransport(value: unknown): value is Transport {
  return value === 'tcp' || value === 'udp';
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
