/** The value of `virtual` and `virtual6`: an address and port, or a firewall mark. */

import type { Endpoint, Family, Protocol } from '../../model/config.js';
import type { ServicePorts } from '../../system/port-names.js';
import { serviceOfPort } from '../service-lists.js';
import { services } from '../services.js';
import { hostOf } from './addresses.js';
import { inBrackets, noteShortAddress, portNumber, refuseAddress, refusePort } from './endpoints.js';
import { type Field, subfield } from './lines.js';
import { accept, type Context, noteIgnored, type Outcome, type Reader, refuse } from './reading.js';

const largestMark = 0xffffffff;

/**
 * A virtual service as its line has it. Whether the address and the port exist is judged only where the
 * section ends, since `protocol` decides which port a name means.
 */
export type WrittenVirtual =
  | { readonly mark: string }
  | { readonly host: Field; readonly port: Field; readonly family: Family; readonly defaultProtocol: 'tcp' | 'udp' };

export function virtualAddress(family: Family): Reader<WrittenVirtual> {
  const shape = family === 'inet6' ? /^(\[[0-9A-Fa-f:]+\]|[\w.+-]+):([\w-]+)/ : /^([\w.+-]+):([\w-]+)/;
  return (field, context) => {
    if (field.text.startsWith('[') && family === 'inet') {
      return refuse('wrong-family', 'an IPv6 address needs "virtual6"', field.span());
    }
    const match = shape.exec(field.text);
    if (match === null) return firewallMark(field, context);
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
  protocol: Protocol,
  services: ServicePorts,
  note: Context['note'],
): Outcome<CompleteVirtual> {
  if ('mark' in written || protocol === 'fwm') {
    const mark = 'mark' in written ? Number(written.mark) : 0;
    return accept({ endpoint: { protocol: 'fwm', mark }, portText: '0' });
  }
  const host = hostOf(inBrackets(written.host.text), written.family);
  if (host === null) return refuseAddress(written.host, written.family);
  const port = portNumber(written.port.text, (name) => services.port(name, protocol));
  if (port === null) return refusePort(written.port);
  noteShortAddress(written.host, host, note);
  return accept({ endpoint: { protocol, host, port: port.number }, portText: port.text });
}
