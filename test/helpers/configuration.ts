/** Configurations for tests, from text, as the product reads them. */

import assert from 'node:assert/strict';
import type { Config, RealServer, Virtual } from '../../src/config/model.js';
import { parse } from '../../src/config/parse.js';
import { parseServices } from '../../src/config/services.js';

const services = parseServices('http 80/tcp\nhttps 443/tcp\ndomain 53/tcp\ndomain 53/udp\n');

/** Fails the test where the text has an error. */
export function configOf(text: string): Config {
  const { config, diagnostics } = parse(text, { strict: false, services });
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
