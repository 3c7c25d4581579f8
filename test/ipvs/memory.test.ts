import { MemoryBackend } from '../../src/ipvs/memory.js';
import { conformance } from './backend-conformance.js';

conformance('memory', async () => new MemoryBackend(), 1000);
