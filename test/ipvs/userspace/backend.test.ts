import { UserspaceBackend } from '../../../src/ipvs/userspace/backend.js';
import { conformance } from '../backend-conformance.js';

conformance('userspace', async () => new UserspaceBackend(), {
  forwards: true,
  firewallMarks: 'there is no address to listen to',
  largeBatch: 300,
});
