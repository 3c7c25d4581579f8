/** A registry as npm asks for it: it has what stands in the repository's node_modules, and needs no network. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { TestContext } from 'node:test';
import { repository } from './repository.js';

interface Manifest {
  readonly name: string;
  readonly version: string;
}

/** Packages of the lock file by where they stand; those for other systems stand nowhere. */
function lockedPackages(): Map<string, Manifest> {
  const { packages } = JSON.parse(readFileSync(`${repository}package-lock.json`, 'utf8'));
  const found = Object.entries(packages as Record<string, object>).filter(([path]) => path !== '');
  return new Map(
    found.map(([path, locked]) => {
      const own = join(repository, path, 'package.json');
      const manifest = existsSync(own) ? JSON.parse(readFileSync(own, 'utf8')) : locked;
      return [path, { ...manifest, name: path.replace(/^.*node_modules\//, '') }];
    }),
  );
}

/** Gives its address; it ends with the test. */
export async function startRegistry(t: TestContext): Promise<string> {
  const packages = lockedPackages();
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? '').slice(1);
    if (path.endsWith('.tgz'))
      void sendArchive(path.slice(0, -'.tgz'.length), response).catch(() => response.destroy());
    else response.end(JSON.stringify(describe(path)));
  });
  const describe = (name: string): object => {
    const found = [...packages].filter(([, manifest]) => manifest.name === name);
    const versions = found.map(([path, manifest]) => {
      return [manifest.version, { ...manifest, dist: { tarball: `${url}${encodeURIComponent(path)}.tgz` } }] as const;
    });
    return { name, 'dist-tags': { latest: versions.at(-1)?.[0] }, versions: Object.fromEntries(versions) };
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return url;
}

/** Without what was compiled on this machine: a package comes as its authors have made it. */
async function sendArchive(path: string, response: ServerResponse): Promise<void> {
  const folder = join(repository, path);
  const compiled = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /(^|\/)binding\.gyp$/.test(name))
    .map((name) => `--exclude=./${join(dirname(name), 'build')}`);
  const leaves = ['--exclude=./node_modules', ...compiled];
  const tar = spawn('tar', ['-cz', '--transform=s,^[.],package,', ...leaves, '-C', folder, '.'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await pipeline(tar.stdout, response);
}
