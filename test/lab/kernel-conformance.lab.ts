import { KernelBackend } from '../../src/ipvs/kernel/backend.js';
import { KernelClient } from '../../src/ipvs/kernel/client.js';
import { conformance } from '../ipvs/backend-conformance.js';

async function openEmpty(): Promise<KernelBackend> {
  const client = new KernelClient();
  await client.flush();
  await client.close();
  return KernelBackend.open();
}

conformance('kernel', openEmpty, {
  forwards: true,
  copiesStreams: 'the kernel hands packets on and leaves the streams to their ends',
  forgetsAtOnce: 'the kernel counts a connection until its timeout, whatever became of its ends and its destination',
  firewallMarks: true,
  largeBatch: 300,
});
