import { openEtcd } from '../../../../src/directors/store/etcd/etcd-store.js';
import { etcdMissing, startEtcd } from '../../../helpers/servers/etcd.js';
import { storeConformance, valueOfOutcome } from '../conformance.js';

const noFiles = { user: null, passwordFile: null, caFile: null, certFile: null, keyFile: null } as const;
const never = new AbortController().signal;

storeConformance(
  'etcd',
  async () => {
    const etcd = await startEtcd();
    return {
      open: async (prefix) => valueOfOutcome(await openEtcd(etcd.endpoint, { prefix, files: noFiles }, never)),
      compact: async (revision) => void (await etcd.ctl('compaction', String(revision))),
      close: () => etcd.close(),
    };
  },
  etcdMissing,
);
