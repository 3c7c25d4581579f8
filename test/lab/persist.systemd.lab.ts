/** Files of `setup --persist`: those who rule a real server's network take them at a boot, and miss nothing without them. */

import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { type TestContext, test } from 'node:test';
import { run } from './inside/command.js';
import { eventually } from './inside/eventually.js';
import { own, packagesMissing, type Ruling, realServer, router, unpackAll } from './inside/real-server.js';

/** Set up, booted, taken back, and booted again. */
async function goesRound(t: TestContext, ruler: string, ruling: Ruling): Promise<void> {
  const real = await realServer(t, ruling);
  await real.boot();
  const bare = await real.state();
  assert.equal((await real.look()).ruler.name, ruler);
  assert.ok((await real.unmet()).length > 5);
  assert.deepEqual(await real.setUp(), []);
  await real.boot();
  // Scripts of NetworkManager run some time after it says that it is done.
  await eventually('it has what it needs', async () => (await real.unmet()).length === 0);
  await real.undo();
  assert.equal(await real.state(), bare, 'nothing of it is left');
  await real.boot();
  assert.equal(await real.state(), bare, 'and nothing comes back');
}

async function hasLan(): Promise<boolean> {
  const [addresses, routes] = [
    await run('ip', '-o', 'address', 'show', 'lan0'),
    await run('sh', '-c', 'ip route; ip -6 route'),
  ];
  return (
    [own, router].every(({ inet, inet6 }, index) => {
      const text = index === 0 ? addresses : routes;
      return text.includes(`${inet}`) && text.includes(inet6);
    }) && !(await run('ip', '-6', 'address', 'show', 'tentative', 'dev', 'lan0')).includes('inet6')
  );
}

/** There is none, and who can write there waits for it. */
async function withoutUdev(unit: string): Promise<void> {
  await mkdir(`/etc/systemd/system/${unit}.d`, { recursive: true });
  await writeFile(`/etc/systemd/system/${unit}.d/lab.conf`, '[Service]\nReadOnlyPaths=/sys\n');
  await run('systemctl', 'daemon-reload');
}

test('systemd-networkd', async (t) => {
  const unit = 'systemd-networkd.service';
  await mkdir('/etc/systemd/network', { recursive: true });
  await writeFile(
    '/etc/systemd/network/10-lan.network',
    `[Match]\nName=lan0\n[Network]\nAddress=${own.inet}/24\nAddress=${own.inet6}/64\nGateway=${router.inet}\nGateway=${router.inet6}\n`,
  );
  await withoutUdev(unit);
  await goesRound(t, 'networkd', {
    async begin() {
      await run('systemctl', 'start', unit);
      await eventually('networkd is done', async () => {
        const links = await run('networkctl', '--no-pager', 'list');
        return (await hasLan()) && !/configuring|pending/.test(links);
      });
    },
    // The socket would begin it anew with the next change of a link.
    end: () => run('systemctl', 'stop', 'systemd-networkd.socket', unit),
  });
});

test('ifupdown', { skip: packagesMissing('ifupdown') }, async (t) => {
  await unpackAll();
  await mkdir('/etc/network/interfaces.d', { recursive: true });
  await writeFile(
    '/etc/network/interfaces',
    `source /etc/network/interfaces.d/*

auto lo
iface lo inet loopback

auto lan0
iface lan0 inet static
  address ${own.inet}/24
  gateway ${router.inet}
iface lan0 inet6 static
  address ${own.inet6}/64
  gateway ${router.inet6}
`,
  );
  await mkdir('/run/network', { recursive: true });
  await goesRound(t, 'ifupdown', {
    async begin() {
      await run('sh', '-c', 'rm -f /run/network/ifstate*');
      await run('ifup', '-a');
      await eventually('it is up', hasLan);
    },
    end: async () => {},
  });
});

test('NetworkManager', { skip: packagesMissing('network-manager') }, async (t) => {
  await unpackAll();
  await mkdir('/etc/NetworkManager/system-connections', { recursive: true });
  await mkdir('/etc/NetworkManager/dispatcher.d', { recursive: true });
  await writeFile(
    '/etc/NetworkManager/NetworkManager.conf',
    '[main]\nplugins=keyfile\n[device-lan]\nmatch-device=interface-name:lan0\nmanaged=1\n',
  );
  await writeFile(
    '/etc/NetworkManager/system-connections/lan.nmconnection',
    `[connection]
id=lan
uuid=6a2ac36e-0a8c-4f9b-9f0a-3f6c0c5d4b11
type=ethernet
interface-name=lan0
[ipv4]
method=manual
address1=${own.inet}/24,${router.inet}
[ipv6]
method=manual
address1=${own.inet6}/64,${router.inet6}
`,
    { mode: 0o600 },
  );
  await withoutUdev('NetworkManager.service');
  await run('systemctl', 'enable', 'NetworkManager-dispatcher');
  await run('systemctl', 'start', 'dbus');
  await goesRound(t, 'NetworkManager', {
    async begin() {
      await run('systemctl', 'start', 'NetworkManager');
      await eventually('it is up', hasLan);
    },
    end: () => run('systemctl', 'stop', 'NetworkManager'),
  });
});
