/** What every backend has to do, run against each of them. What one cannot do is skipped with the reason. */

import { describe } from 'node:test';
import type { Backend } from '../../src/ipvs/backend.js';
import type { Capabilities } from './conformance/fixture.js';
import { tableConformance } from './conformance/table.js';
import { tcpConformance } from './conformance/tcp.js';
import { tcpStreamConformance } from './conformance/tcp-streams.js';
import { udpConformance } from './conformance/udp.js';

/** `open` gives a backend with an empty table, which the suite closes. */
export function conformance(name: string, open: () => Promise<Backend>, capabilities: Capabilities): void {
  describe(`backend ${name}`, () => {
    const subject = { open, capabilities };
    tableConformance(subject);
    tcpConformance(subject);
    tcpStreamConformance(subject);
    udpConformance(subject);
  });
}
