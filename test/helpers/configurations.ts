/** Configurations as values, for tests of what comes after parsing. */

import type { Config, Host, Inherited, RealServer, Server, Virtual } from '../../src/config/model.js';

const inherited: Inherited = {
  checktimeout: 5,
  negotiatetimeout: 30,
  checkinterval: 10,
  checkcount: 1,
  failurecount: 1,
  fallbackcommand: null,
  quiescent: false,
  cleanstop: true,
  smtp: null,
  emailalert: [],
  emailalertfrom: null,
  emailalertfreq: 0,
  emailalertstatus: ['starting', 'running', 'stopping', 'reloading'],
};

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
  return { ...server(at), span: { line: 2, column: 2, length: 10 }, ...settings };
}

export function virtual(settings: Partial<Virtual> = {}): Virtual {
  return {
    ...inherited,
    span: { line: 1, column: 1, length: 7 },
    family: 'inet',
    endpoint: { protocol: 'tcp', host: literal('192.0.2.1'), port: 80 },
    realServers: [],
    fallback: null,
    checktype: 'negotiate',
    connects: 0,
    service: 'http',
    checkcommand: '/bin/true',
    checkport: null,
    request: '/',
    receive: null,
    httpmethod: 'GET',
    virtualhost: null,
    login: '',
    passwd: '',
    database: '',
    secret: '',
    scheduler: 'wrr',
    schedflags: [],
    persistent: null,
    netmask: null,
    ops: false,
    monitorfile: null,
    servicename: null,
    comment: null,
    ...settings,
  };
}

export function configuration(virtuals: readonly Virtual[], global: Partial<Config['global']> = {}): Config {
  return {
    global: {
      ...inherited,
      autoreload: false,
      callback: null,
      execute: [],
      fork: false,
      logfile: '/var/log/ldirectord.log',
      maintenancedir: null,
      readdquiescent: false,
      supervised: false,
      fallback: null,
      fallback6: null,
      ...global,
    },
    virtuals,
  };
}
