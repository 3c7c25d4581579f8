import { MemoryBackend } from '../../src/ipvs/memory.js';
import { conformance } from './backend-conformance.js';

conformance('memory', async () => new MemoryBackend(), {
  forwards: 'a table in memory carries no traffic',
  copiesStreams: 'a table in memory carries no traffic',
  forgetsAtOnce: 'a table in memory carries no traffic',
  firewallMarks: true,
  largeBatch: 1000,
});
