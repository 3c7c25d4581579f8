import { MemorySyncDaemons } from '../../src/ipvs/memory-sync.js';
import { syncConformance } from './conformance/sync.js';

syncConformance(async () => ({ sync: new MemorySyncDaemons(), name: 'eth1' }));
