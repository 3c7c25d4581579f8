/** The value of `fallback` and `fallback6`. */

import type { Fallback, FallbackUse, Family, Forwarding, Host } from '../../model/config.js';
import { sectionSpan } from '../../model/section-span.js';
import type { ServicePorts } from '../../system/port-names.js';
import { hostOf } from './addresses.js';
import type { Draft } from './directives.js';
import {
  forwardings,
  inBrackets,
  noteShortAddress,
  portNumber,
  refuseAddress,
  refuseForwarding,
  refusePort,
} from './endpoints.js';
import { type Field, subfield } from './lines.js';
import { accept, type Context, noteIgnored, type Outcome, type Reader, type SectionFacts } from './reading.js';

/** A fallback as its line has it: in a section, the address and port are judged where the section ends. */
export interface WrittenFallback {
  readonly family: Family;
  readonly host: Field;
  /** Host and port together. */
  readonly address: Field;
  /** Null where it is left out. */
  readonly portText: string | null;
  readonly forward: Forwarding;
}

export function fallbackServer(family: Family): Reader<readonly WrittenFallback[]> {
  return (field, context) => {
    // The last word is the forwarding method where there are several, and the address stands right before it.
    const [, before = '', address = '', blanks = '', word = ''] =
      /^(.*?)([^ \t\v\f\r]*)(?:([ \t\v\f\r]+)([^ \t\v\f\r]+))?[ \t\v\f\r]*$/s.exec(field.text) ?? [];
    const start = before.length + address.length + blanks.length;
    const forward = word === '' ? 'gate' : forwardings.find((name) => name === word);
    if (forward === undefined) return refuseForwarding(subfield(field, start, start + word.length));
    noteIgnored(subfield(field, 0, before.length), context);
    const colon = /:[\w-]+$/.exec(address)?.index ?? address.length;
    const written = {
      family,
      host: subfield(field, before.length, before.length + colon),
      address: subfield(field, before.length, before.length + address.length),
      portText: colon === address.length ? null : address.slice(colon + 1),
      forward,
    };
    if (context.section !== null) return accept([written]);
    const complete = completeFallback(written, null, context.services, context.note);
    if (!complete.ok) return complete;
    // What a name stands for is known from here on.
    return accept([{ ...written, portText: written.portText === null ? null : String(complete.value.port) }]);
  };
}

/**
 * A port that is left out is the virtual service's, and 0 in the global section. There a name must stand for a
 * port of TCP and of UDP, since the fallback serves both.
 */
export function completeFallback(
  written: WrittenFallback,
  section: SectionFacts | null,
  services: ServicePorts,
  note: Context['note'],
): Outcome<Fallback> {
  const { family, forward, address, portText } = written;
  const name = inBrackets(written.host.text);
  const host = name === '' ? loopback(family) : hostOf(name, family);
  if (host === null) return refuseAddress(written.host, family);
  if (name === '') note('address-missing', 'without an address this is the director itself', written.host.span());
  const lookUp = (service: string): number | undefined => {
    if (section === null) return services.port(service, 'udp') && services.port(service, 'tcp');
    return section.protocol === 'fwm' ? undefined : services.port(service, section.protocol);
  };
  const number = portNumber(portText ?? section?.portText ?? '0', lookUp)?.number;
  if (number === undefined)
    return refusePort(portText === null ? address : subfield(address, written.host.text.length + 1));
  noteShortAddress(written.host, host, note);
  const thresholds = { upperThreshold: 0, lowerThreshold: 0 };
  return accept({
    role: 'fallback',
    host,
    port: number,
    forward,
    weight: 1,
    ...thresholds,
    span: sectionSpan(address.span()),
  });
}

/** What decides which of several lines count. */
type Choice = Pick<Draft, 'fallbackuse' | 'fallbackcheck'>;

/** What a section says of that, or else the global one. */
export function useOfFallbacks(section: Choice, global: Choice = section): FallbackUse {
  const asked = section.fallbackuse ?? global.fallbackuse;
  // A file that knows nothing of lists has none: the last line counts, as for the reference.
  return asked ?? ((section.fallbackcheck ?? global.fallbackcheck) === true ? 'first' : 'last');
}

/** That people mean a list and wrote but lines is the likely mistake. */
export function noteReplaced(lines: readonly WrittenFallback[], note: Context['note']): void {
  const message = 'a later fallback replaces this one; with fallbackuse=first or fallbackuse=all all of them count';
  for (const { address } of lines) note('replaced-fallback', message, address.span());
}

/** Those that count. */
export function countedFallbacks<T>(lines: readonly T[], use: FallbackUse): readonly T[] {
  return use === 'last' ? lines.slice(-1) : lines;
}

// getaddrinfo(3) takes an empty name for the loopback address.
function loopback(family: Family): Host {
  return { name: '', address: family === 'inet6' ? '::1' : '127.0.0.1' };
}
