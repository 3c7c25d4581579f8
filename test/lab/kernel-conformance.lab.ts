import { KernelBackend } from '../../src/ipvs/kernel/backend.js';
import { KernelClient } from '../../src/ipvs/kernel/client.js';
import { conformance } from '../ipvs/backend-conformance.js';

async function openEmpty(): Promise<KernelBackend> {
  const client = new KernelClient();
  await client.flush();
  await client.close();
  return KernelBackend.open();
}

conformance('kernel', openEmpty, 300);
