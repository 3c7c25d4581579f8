/** What every backend has to do, run against each of them. What one cannot do is skipped with the reason. */

import { describe } from 'node:test';
import type { Backend } from '../../src/ipvs/backend.js';
import { type Capabilities, capabilitiesOf } from '../../src/ipvs/capabilities.js';
import { tableConformance } from './conformance/table.js';
import { tcpConformance } from './conformance/tcp.js';
import { tcpStreamConformance } from './conformance/tcp-streams.js';
import { udpConformance } from './conformance/udp.js';

/** `open` gives a backend with an empty table, which the suite closes; `largeBatch` services go into it at once. */
export function conformance(name: Capabilities['name'], open: () => Promise<Backend>, largeBatch: number): void {
  describe(`backend ${name}`, () => {
    const subject = { open, can: capabilitiesOf(name), largeBatch };
    tableConformance(subject);
    tcpConformance(subject);
    tcpStreamConformance(subject);
    udpConformance(subject);
  });
}
