/**
 * `npm run demo`: three web servers, a sorry server and the controller on loopback, to play with.
 * Keys, or characters on standard input: 1 2 3 stop and start a server, r sends ten requests, q quits.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer, get } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { styleText } from 'node:util';
import { Daemon } from '../src/daemon.js';
import { EventBus } from '../src/events.js';
import { UserspaceBackend } from '../src/ipvs/userspace/backend.js';
import { streamLog } from '../src/observe/log.js';
import { readConfiguration } from '../src/reload/read.js';
import { version } from '../src/system/version.js';

const self = fileURLToPath(import.meta.url);
const example = new URL('../../examples/demo.cf', import.meta.url);

/** The ports in demo.cf: the virtual's, those of the web servers, the sorry server's. */
const [virtualPort, ...serverPorts] = [8080, 8081, 8082, 8083, 8084] as const;
/** Of the status page. */
const pagePort = 9102;
const serverNames = ['web1', 'web2', 'web3', 'sorry'] as const;
const toggles = ['1', '2', '3'];

const colour = process.stdout.isTTY === true;
const bold = (words: string): string => (colour ? styleText('bold', words) : words);
const dim = (words: string): string => (colour ? styleText('dim', words) : words);
const print = (line = ''): void => void process.stdout.write(`${line}\n`);

/** A process that answers every request with its name. */
class WebServer {
  readonly name: string;
  readonly port: number;
  #process: ChildProcess | null = null;

  constructor(name: string, port: number) {
    this.name = name;
    this.port = port;
  }

  get running(): boolean {
    return this.#process !== null;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  async start(): Promise<void> {
    const child = spawn(process.execPath, [self, 'serve', this.name, String(this.port)], {
      // The server ends with its standard input, and so with this process however that ends. It has nothing of
      // the terminal: Node puts the mode of an inherited one back when it exits, and keys would wait for Enter.
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    this.#process = child;
    child.once('exit', () => {
      if (this.#process === child) this.#process = null;
    });
    await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
  }

  async stop(): Promise<void> {
    const child = this.#process;
    if (child === null) return;
    this.#process = null;
    child.kill();
    await once(child, 'exit');
  }
}

async function serve(name: string, port: number): Promise<void> {
  process.stdin.resume().on('close', () => process.exit());
  // Ctrl-C on a terminal reaches every process; this one is ended by the demo.
  process.on('SIGINT', () => {});
  const server = createHttpServer((_, response) => response.end(`${name}\n`));
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  print('ready');
}

/** The port itself where it is free, else any that is. */
async function freePort(wanted: number): Promise<number> {
  for (const port of [wanted, 0]) {
    const server = createServer();
    server.listen(port, '127.0.0.1');
    const listening = await once(server, 'listening').then(
      () => true,
      () => false,
    );
    if (!listening) continue;
    const chosen = (server.address() as AddressInfo).port;
    server.close();
    await once(server, 'close');
    return chosen;
  }
  throw new Error('no free port on 127.0.0.1');
}

async function requests(port: number, count: number): Promise<string> {
  const answers: string[] = [];
  for (let turn = 0; turn < count; turn += 1) {
    answers.push(
      await new Promise<string>((resolve) => {
        get({ host: '127.0.0.1', port, agent: false, timeout: 2_000 }, (response) => {
          text(response).then(
            (body) => resolve(body.trim()),
            () => resolve('broken'),
          );
        })
          .on('timeout', function (this: ReturnType<typeof get>) {
            this.destroy();
          })
          .on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'error'));
      }),
    );
  }
  return answers.join(' ');
}

async function toggle(server: WebServer): Promise<void> {
  if (server.running) {
    print(dim(`-- stopping ${server.name}`));
    await server.stop();
  } else {
    print(dim(`-- starting ${server.name}`));
    await server.start();
  }
}

function greet(file: string, port: number, page: number, servers: readonly WebServer[]): void {
  print(bold('ldirectord demo: three web servers behind one address'));
  print();
  print(`  address     ${bold(`curl http://127.0.0.1:${port}/`)}`);
  print(`  file        ${bold(file)}`);
  print(`  page        ${bold(`http://127.0.0.1:${page}/`)}`);
  for (const server of servers) {
    print(`  ${server.name.padEnd(10)}  127.0.0.1:${server.port}  ${dim(`pid ${server.pid}`)}`);
  }
  print();
  print(`  ${bold('1 2 3')}  stop or start a web server; stop all three and the sorry server answers`);
  print(`  ${bold('r')}      send ten requests and show who answered`);
  print(`  ${bold('q')}      quit (or ctrl-C)`);
  print('  Or edit the file: change a weight, remove a server, and save.');
  print();
}

async function demo(): Promise<void> {
  let quit = (): void => {};
  const quitting = new Promise<void>((resolve) => {
    quit = resolve;
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, quit);

  const folder = await mkdtemp(join(tmpdir(), 'ldirectord-demo-'));
  const file = join(folder, 'demo.cf');
  const port = await freePort(virtualPort);
  const servers: WebServer[] = [];
  let configuration = (await readFile(example, 'utf8')).replace(`:${virtualPort}`, `:${port}`);
  for (const [index, name] of serverNames.entries()) {
    const wanted = serverPorts[index] ?? 0;
    const server = new WebServer(name, await freePort(wanted));
    configuration = configuration.replace(`:${wanted} `, `:${server.port} `);
    servers.push(server);
    await server.start();
  }
  await writeFile(file, configuration);
  const page = await freePort(pagePort);
  await writeFile(join(folder, 'ldirectord.ini'), `http = ${page}\n`);
  greet(file, port, page, servers);

  const bus = new EventBus();
  const log = streamLog(process.stdout, {
    name: 'demo',
    pid: process.pid,
    place: 'standard output',
    colour,
    settings: () => ({ level: 'info', format: 'text' }),
    publish: () => {},
  });
  bus.subscribe(log.listener);
  const strict = false;
  const loaded = await readConfiguration(file, { strict });
  if (loaded.config === null) throw new Error(`the example has an error: ${JSON.stringify(loaded.diagnostics)}`);
  const daemon = await Daemon.start(
    { file, strict, backend: new UserspaceBackend(), bus, version },
    { ...loaded, config: loaded.config },
  );

  let work = Promise.resolve();
  const obey = async (key: string): Promise<void> => {
    const server = servers[toggles.indexOf(key)];
    if (key === 'q' || key === '\u0003') quit();
    else if (key === 'r') print(`-- ${await requests(port, 10)}`);
    else if (server) await toggle(server);
  };
  if (process.stdin.isTTY) process.stdin.setRawMode(true);
  process.stdin.on('data', (keys) => {
    for (const key of String(keys)) work = work.then(() => obey(key));
  });
  await quitting;

  process.stdin.destroy();
  await daemon.stop('end of the demo');
  await Promise.all(servers.map((server) => server.stop()));
  await rm(folder, { recursive: true });
  print('demo ended');
}

const [, , verb, name = '', port = '0'] = process.argv;
await (verb === 'serve' ? serve(name, Number(port)) : demo());
