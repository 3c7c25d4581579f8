/** Configurations for tests: from text, as the product reads them, or put together from values. */

import assert from 'node:assert/strict';
import { type Parsed, parse } from '../../src/config/file/parse.js';
import type { Config, Fallback, Host, RealServer, Server, Virtual } from '../../src/model/config.js';
import { parseServices } from '../../src/system/port-names.js';

const services = parseServices('http 80/tcp\nhttps 443/tcp\ndomain 53/tcp\ndomain 53/udp\n');

export function parsed(text: string): Parsed {
  return parse(text, { strict: false, services });
}

/** Fails the test where the text has an error. */
export function configOf(text: string): Config {
  const { config, diagnostics } = parsed(text);
  assert.ok(config, diagnostics.map(({ span, message }) => `${span.line}: ${message}`).join('\n'));
  return config;
}

/** The first virtual of a configuration. */
export function virtualOf(text: string): Virtual {
  const [virtual] = configOf(text).virtuals;
  assert.ok(virtual);
  return virtual;
}

/** The first real server of a virtual. */
export function realOf(virtual: Virtual, index = 0): RealServer {
  const real = virtual.realServers[index];
  assert.ok(real);
  return real;
}

export function host(name: string, address: string | null = null): Host {
  return { name, address };
}

export function literal(address: string): Host {
  return { name: address, address };
}

export function server(at: Host, settings: Partial<Server> = {}): Server {
  return { host: at, port: 80, forward: 'gate', weight: 1, upperThreshold: 0, lowerThreshold: 0, ...settings };
}

export function realServer(at: Host, settings: Partial<RealServer> = {}): RealServer {
  return { ...server(at), span: { row: 2, column: 2, length: 10 }, ...settings };
}

export function fallback(at: Host, settings: Partial<Fallback> = {}): Fallback {
  return { ...realServer(at), role: 'fallback', ...settings };
}

/** A virtual that sets nothing but its address, 192.0.2.1:80, and these. */
export function virtual(settings: Partial<Virtual> = {}): Virtual {
  return { ...virtualOf('virtual=192.0.2.1:80\n\n'), ...settings };
}

export function configuration(virtuals: readonly Virtual[], global: Partial<Config['global']> = {}): Config {
  return { global: { ...configOf('').global, ...global }, virtuals };
}
