import { once } from 'node:events';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { Client, tally } from './inside/client.js';
import { run } from './inside/command.js';
import { buildNetwork, type Method, realAddresses } from './inside/networks.js';
import { Peer } from './inside/peer.js';
import { hexadecimal, savedRules, weights } from './inside/table.js';

for (const [method, flag] of [
  ['nat', '-m'],
  ['dr', '-g'],
  ['tun', '-i'],
] as [Method, string][]) {
  test(method, async (t) => {
    let at = performance.now();
    const lap = (what: string) => {
      t.diagnostic(`${what} ${(performance.now() - at).toFixed(0)}`);
      at = performance.now();
    };
    await buildNetwork(t, method);
    lap('network');
    const rs = await Promise.all([
      Peer.start(t, 'rs1', 'web-server', 'rs1', '0.0.0.0'),
      Peer.start(t, 'rs2', 'web-server', 'rs2', '0.0.0.0'),
    ]);
    lap('servers');
    const client = await Client.start(t, 'client', 'http://172.20.0.24/');
    lap('client');
    const sorry = createServer((_, r) => r.end('sorry')).listen(80, '0.0.0.0');
    await once(sorry, 'listening');
    t.after(() => sorry.close());
    await run('ipvsadm', '-A', '-t', '172.20.0.24:80', '-s', 'wrr');
    t.after(() => run('ipvsadm', '-C'));
    await run('ipvsadm', '-a', '-t', '172.20.0.24:80', '-r', realAddresses.rs1, flag, '-w', '3');
    await run('ipvsadm', '-a', '-t', '172.20.0.24:80', '-r', realAddresses.rs2, flag, '-w', '1');
    lap('rules');
    t.diagnostic(JSON.stringify(tally(await client.ask(20))));
    lap('20 requests');
    t.diagnostic(JSON.stringify([await client.hold(), await client.hold()]));
    t.diagnostic(
      JSON.stringify(
        tally(
          await client.during(async () => {
            await rs[0].kill();
            await run('ipvsadm', '-d', '-t', '172.20.0.24:80', '-r', realAddresses.rs1);
          }),
        ),
      ),
    );
    await run('ipvsadm', '-d', '-t', '172.20.0.24:80', '-r', realAddresses.rs2);
    await run('ipvsadm', '-a', '-t', '172.20.0.24:80', '-r', '127.0.0.1', '-g');
    t.diagnostic(JSON.stringify(tally(await client.ask(4))));
    t.diagnostic((await savedRules()).join(';'));
    t.diagnostic(JSON.stringify([...weights()].map(([k, v]) => [k, [...v]])) + hexadecimal('172.20.0.24:80'));
    lap('rest');
  });
}
