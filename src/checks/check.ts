/** From configuration to checks: what to ask of each real server, and which servers need no asking. */

import { checkTypes, isAsked } from '../config/check-types.js';
import { secretsOf } from '../config/file/secrets.js';
import { services } from '../config/services.js';
import type { CheckPath } from '../model/check-path.js';
import type { RealServer, Virtual } from '../model/config.js';
import { addressedBy, firstPortOf, spokenAt } from '../model/endpoint.js';
import { endpointName, hostText } from '../model/names.js';
import type { Check, Pem, Route } from '../probes/probe.js';
import { ServerCheck } from '../probes/server-check.js';
import { furtherOf } from './further.js';
import { httpOf, tlsOf } from './protocols.js';

/** Health that needs no check, and why. */
export interface Settled {
  readonly up: boolean;
  readonly reason: string;
}

/** The health of a virtual's servers where it is settled; null where they are asked. */
export function settle({ checktype, service }: Virtual): Settled | null {
  if (isAsked({ checktype, service })) return null;
  return checktype === 'negotiate'
    ? { up: true, reason: `service=${service}` }
    : { up: checktype === 'on', reason: `checktype=${checktype}` };
}

/** A check and its name: two checks with one key are one check, with everything that the probe sees and when it runs. */
export interface Keyed {
  readonly key: string;
  readonly check: Check;
}

/** The path that the check of a real server takes; null where it goes to the server's own address. */
export type PathTo = (virtual: Virtual, real: RealServer) => CheckPath | null;

const direct: PathTo = () => null;

/**
 * The checks of the real servers of a virtual that is not settled; null for one whose name has no address. What all
 * of them have in common is there once.
 */
export function checksOf(virtual: Virtual, pathTo = direct): (real: RealServer) => Keyed | null {
  const model = checkInGeneral(virtual);
  if (model === null) return () => null;
  const known = new Map<string, General>();
  return (real) => {
    const target = targetOf(virtual, real, model.route, pathTo(virtual, real));
    if (target === null) return null;
    const { address, port, route } = target;
    const request = real.request ?? model.request;
    const receive = real.receive ?? model.receive;
    const args = externalArguments(virtual, real);
    const own = `${request}\n${receive?.source}`;
    const { digest, general } = known.get(own) ?? generalOf({ ...model, request, receive });
    known.set(own, { digest, general });
    const isPlain = route === model.route && args.length === 0;
    const common = isPlain ? general : { ...general, route, args };
    return {
      key: [digest, address, port, ...args, ...wayWords(route)].join(' '),
      check: new ServerCheck(common, address, port),
    };
  };
}

/** Of all servers that are asked the same. */
interface General {
  readonly digest: string;
  readonly general: Check;
}

function generalOf(general: Check): General {
  return { digest: digestOf(general), general };
}

/** Null while a name that it takes has no address. */
function targetOf(
  virtual: Virtual,
  real: RealServer,
  route: Route,
  path: CheckPath | null,
): Pick<Check, 'address' | 'port' | 'route'> | null {
  const { checkport, endpoint } = virtual;
  const service = addressedBy(endpoint);
  if (path === null || service === null) {
    const { address } = real.host;
    return address === null ? null : { address, port: portOf(virtual, real), route };
  }
  const { address } = service;
  if (address === null) return null;
  // What is forwarded so keeps its port.
  const port = checkport ?? (firstPortOf(endpoint) || portOf(virtual, real));
  return { address, port, route: { mark: path.mark, source: route.source, towards: path.address } };
}

function wayWords({ mark, towards }: Route): readonly string[] {
  return towards === null ? noArguments : ['by', String(mark), towards];
}

/** The check of a virtual, of nobody yet; null where it is settled. */
export function checkInGeneral(virtual: Virtual): Check | null {
  if (virtual.checktype === 'on' || virtual.checktype === 'off') return null;
  return {
    type: virtual.checktype === 'combined' ? combinedType(virtual) : virtual.checktype,
    connects: virtual.connects,
    service: virtual.service,
    protocol: spokenAt(virtual.endpoint),
    family: virtual.family,
    address: '',
    port: 0,
    route: { mark: virtual.checkmark, source: virtual.checksource, towards: null },
    interval: virtual.checkinterval * 1000,
    paces: pacesOf(virtual),
    checkTimeout: virtual.checktimeout * 1000,
    negotiateTimeout: virtual.negotiatetimeout * 1000,
    checkcount: virtual.checkcount,
    request: virtual.request,
    receive: virtual.receive,
    httpmethod: virtual.httpmethod,
    virtualhost: virtual.virtualhost,
    login: virtual.login,
    passwd: virtual.passwd,
    database: virtual.database,
    secret: virtual.secret,
    tls: tlsOf(virtual),
    http: httpOf(virtual),
    secrets: secretsOf(virtual),
    dnsType: virtual.dnstype,
    hex: { request: virtual.requesthex, receive: virtual.receivehex },
    command: virtual.checkcommand,
    args: [],
    further: furtherOf(virtual),
  };
}

function pacesOf({ checkinterval, fastinterval, downinterval }: Virtual): Check['paces'] {
  const [fast, down] = [fastinterval ?? checkinterval, downinterval ?? checkinterval];
  return fast === checkinterval && down === checkinterval ? null : { fast: fast * 1000, down: down * 1000 };
}

/**
 * Without a service there is nothing to negotiate between the connects. And over UDP there is nothing to connect: that
 * the machine answers a ping says nothing for the service, and that it does not says nothing against it.
 */
function combinedType({ service, endpoint }: Virtual): 'combined' | 'connect' | 'negotiate' {
  const { asked, transport } = services[service];
  if (!asked) return 'connect';
  return spokenAt(endpoint) === 'udp' || transport === 'udp' ? 'negotiate' : 'combined';
}

/** The check port, else the server's own; where the file leaves that out, the service's, else the virtual's. */
function portOf({ checkport, service, endpoint }: Virtual, real: RealServer): number {
  return checkport ?? (real.port || (services[service].port ?? firstPortOf(endpoint)));
}

const noArguments: readonly string[] = [];

/** Virtual address or mark, virtual port, real address, real port: what an external check is called with. */
function externalArguments(virtual: Virtual, real: RealServer): readonly string[] {
  if (checkTypes[virtual.checktype].asks !== 'program') return noArguments;
  const { endpoint } = virtual;
  const service = addressedBy(endpoint);
  const name = service === null ? endpointName(endpoint) : hostText(service);
  return [name, String(firstPortOf(endpoint)), hostText(real.host), String(real.port)];
}

/** Characters of a digest, of 6 bits each. */
const digestLength = 22;

/** A digest, since a key stands in many places and passwords are part of it; of files their own digests: they are long. */
function digestOf(check: Check): string {
  const seen = JSON.stringify(check, (_name, value) => {
    if (value instanceof RegExp) return undefined;
    return isPem(value) ? value.digest : value;
  });
  const { createHash } = process.getBuiltinModule('node:crypto');
  return createHash('sha256').update(seen).digest('base64url').slice(0, digestLength);
}

function isPem(value: unknown): value is Pem {
  return typeof value === 'object' && value !== null && 'digest' in value && 'text' in value;
}
