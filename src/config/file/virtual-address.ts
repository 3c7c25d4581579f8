/** The value of `virtual` and `virtual6`: an address and port, or a firewall mark. */

import type { Endpoint, Family, PortRange, Transport } from '../../model/config.js';
import type { ServicePorts } from '../../system/port-names.js';
import { datagramPorts, serviceOfPort } from '../service-lists.js';
import { services } from '../services.js';
import { hostOf } from './addresses.js';
import { inBrackets, noteShortAddress, portNumber, refuseAddress, refusePort } from './endpoints.js';
import { type Field, subfield } from './lines.js';
import {
  accept,
  type Context,
  noteIgnored,
  type Outcome,
  type Reader,
  refuse,
  type WrittenProtocol,
} from './reading.js';

const largestMark = 0xffffffff;

/**
 * A virtual service as its line has it. Whether the address and the port exist is judged only where the
 * section ends, since `protocol` decides which port a name means.
 */
export type WrittenVirtual =
  | { readonly mark: string }
  | Bare
  | { readonly host: Field; readonly port: Field; readonly family: Family; readonly defaultProtocol: Transport };

/** An address or a name without a port, as it is for `ports`; or, as the reference has it, the mark that it begins with. */
interface Bare {
  readonly bare: Field;
  readonly family: Family;
  readonly mark: string | null;
}

/** What a section says of its service. */
export interface Said {
  readonly protocol?: WrittenProtocol;
  readonly ports?: { readonly ranges: readonly PortRange[]; readonly field: Field };
}

export function virtualAddress(family: Family): Reader<WrittenVirtual> {
  const shape = family === 'inet6' ? /^(\[[0-9A-Fa-f:]+\]|[\w.+-]+):([\w-]+)/ : /^([\w.+-]+):([\w-]+)/;
  return (field, context) => {
    if (field.text.startsWith('[') && family === 'inet') {
      return refuse('wrong-family', 'an IPv6 address needs "virtual6"', field.span());
    }
    const match = shape.exec(field.text);
    if (match === null)
      return (context.extensions ? withoutPort(field, family, context) : null) ?? firewallMark(field, context);
    const [whole, hostText = '', portText = ''] = match;
    const host = subfield(field, 0, hostText.length);
    // Only an address may stand in brackets.
    if (hostText.startsWith('[') && hostOf(inBrackets(hostText), family)?.address == null) {
      return refuseAddress(host, family);
    }
    noteIgnored(subfield(field, whole.length), context);
    const { protocol } = services[serviceOfPort(String(context.services.port(portText, 'tcp') ?? portText))];
    const port = subfield(field, hostText.length + 1, whole.length);
    return accept({ host, port, family, defaultProtocol: protocol });
  };
}

/** Whether it is one is judged where the section ends. */
function withoutPort(field: Field, family: Family, context: Context): Outcome<WrittenVirtual> | null {
  const shape =
    family === 'inet6' ? /^(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z_][\w.-]*)(?![^\s#])/ : /^(?!\d+(?![\w.-]))[\w.-]+(?![^\s#])/;
  const text = shape.exec(field.text)?.[0];
  if (text === undefined) return null;
  noteIgnored(subfield(field, text.length), context);
  const mark = /^\d+/.exec(text)?.[0] ?? null;
  return accept({ bare: subfield(field, 0, text.length), family, mark });
}

function firewallMark(field: Field, context: Context): Outcome<WrittenVirtual> {
  const match = /^\d+/.exec(field.text);
  if (match === null) {
    return refuse('bad-address', 'a virtual service is ADDRESS:PORT or the number of a firewall mark', field.span());
  }
  const mark = Number(match[0]);
  const rest = subfield(field, match[0].length);
  if (/^\.\d/.test(rest.text)) {
    const message = `without a port this is the firewall mark ${mark}; write ADDRESS:PORT for an address`;
    context.note('port-missing', message, field.span());
  } else {
    noteIgnored(rest, context);
  }
  if (mark === 0 || mark > largestMark) {
    context.note(
      'useless-mark',
      `a firewall mark is a number from 1 to ${largestMark}`,
      field.span(0, match[0].length),
    );
  }
  return accept({ mark: match[0] });
}

export interface CompleteVirtual {
  readonly endpoint: Endpoint;
  /** As written where it is a number, so that `080` is no `80`; `0` under a firewall mark. */
  readonly portText: string;
}

export function completeVirtual(
  written: WrittenVirtual,
  said: Said,
  services: ServicePorts,
  note: Context['note'],
): Outcome<CompleteVirtual> {
  if ('bare' in written) return completeBare(written, said, note);
  const { ports, protocol = 'port' in written ? written.defaultProtocol : 'fwm' } = said;
  if (ports !== undefined) {
    const message = '“ports” goes with an address alone: leave the port, or the mark, of the virtual line out';
    return refuse('wrong-ports', message, ports.field.span());
  }
  if ('mark' in written) return accept({ endpoint: { protocol: 'fwm', mark: Number(written.mark) }, portText: '0' });
  if (protocol === 'fwm' || protocol === 'tcp,udp')
    return accept({ endpoint: { protocol: 'fwm', mark: 0 }, portText: '0' });
  const host = hostOf(inBrackets(written.host.text), written.family);
  if (host === null) return refuseAddress(written.host, written.family);
  const port = portNumber(written.port.text, (name) => services.port(name, protocol));
  if (port === null) return refusePort(written.port);
  noteShortAddress(written.host, host, note);
  return accept({ endpoint: { protocol, host, port: port.number }, portText: port.text });
}

/** Its mark comes once all services are known. */
function completeBare(
  { bare, family, mark }: Bare,
  { protocol, ports }: Said,
  note: Context['note'],
): Outcome<CompleteVirtual> {
  if (ports === undefined && mark !== null && (protocol === undefined || protocol === 'fwm')) {
    if (/^\d+\.\d/.test(bare.text)) {
      const message = `without a port this is the firewall mark ${mark}; write ADDRESS:PORT for an address, or set ports`;
      note('port-missing', message, bare.span());
    } else {
      noteIgnored(subfield(bare, mark.length), { note });
    }
    if (Number(mark) === 0) note('useless-mark', `a firewall mark is a number from 1 to ${largestMark}`, bare.span());
    return accept({ endpoint: { protocol: 'fwm', mark: Number(mark) }, portText: '0' });
  }
  const host = hostOf(inBrackets(bare.text), family);
  if (host === null) return refuseAddress(bare, family);
  if (ports === undefined) {
    return refuse('bad-address', 'a port is missing: write ADDRESS:PORT, or set ports in the section', bare.span());
  }
  if (protocol === 'fwm') {
    return refuse(
      'wrong-ports',
      'the mark of a service with “ports” is chosen for it: leave protocol=fwm out',
      ports.field.span(),
    );
  }
  noteShortAddress(bare, host, note);
  const first = ports.ranges[0]?.from ?? 0;
  const usual: Transport = datagramPorts.includes(first) ? 'udp' : 'tcp';
  const transports: Transport[] = protocol === 'tcp,udp' ? ['tcp', 'udp'] : [protocol ?? usual];
  const carries = { host, transports, ports: ports.ranges };
  return accept({ endpoint: { protocol: 'fwm', mark: 0, carries }, portText: String(first) });
}
