/**
 * The check of one server among those that are asked the same: what they have in common is there once, since there may be
 * a hundred thousand of them.
 */

import type { Check } from './probe.js';

/** As it travels to another thread, whose messages have each object once. */
export type SentCheck = Check | Pick<ServerCheck, 'general' | 'address' | 'port'>;

/** It is not to be spread, which takes but what is its own: `plainCheck` gives all of it. */
export class ServerCheck implements Check {
  /** Of all of them; address and port in it are nobody's. */
  readonly general: Check;
  readonly address: string;
  readonly port: number;

  constructor(general: Check, address: string, port: number) {
    this.general = general;
    this.address = address;
    this.port = port;
  }

  get type(): Check['type'] {
    return this.general.type;
  }

  get connects(): Check['connects'] {
    return this.general.connects;
  }

  get service(): Check['service'] {
    return this.general.service;
  }

  get protocol(): Check['protocol'] {
    return this.general.protocol;
  }

  get family(): Check['family'] {
    return this.general.family;
  }

  get route(): Check['route'] {
    return this.general.route;
  }

  get interval(): Check['interval'] {
    return this.general.interval;
  }

  get paces(): Check['paces'] {
    return this.general.paces;
  }

  get checkTimeout(): Check['checkTimeout'] {
    return this.general.checkTimeout;
  }

  get negotiateTimeout(): Check['negotiateTimeout'] {
    return this.general.negotiateTimeout;
  }

  get checkcount(): Check['checkcount'] {
    return this.general.checkcount;
  }

  get request(): Check['request'] {
    return this.general.request;
  }

  get receive(): Check['receive'] {
    return this.general.receive;
  }

  get httpmethod(): Check['httpmethod'] {
    return this.general.httpmethod;
  }

  get virtualhost(): Check['virtualhost'] {
    return this.general.virtualhost;
  }

  get login(): Check['login'] {
    return this.general.login;
  }

  get passwd(): Check['passwd'] {
    return this.general.passwd;
  }

  get database(): Check['database'] {
    return this.general.database;
  }

  get secret(): Check['secret'] {
    return this.general.secret;
  }

  get tls(): Check['tls'] {
    return this.general.tls;
  }

  get http(): Check['http'] {
    return this.general.http;
  }

  get secrets(): Check['secrets'] {
    return this.general.secrets;
  }

  get dnsType(): Check['dnsType'] {
    return this.general.dnsType;
  }

  get hex(): Check['hex'] {
    return this.general.hex;
  }

  get command(): Check['command'] {
    return this.general.command;
  }

  get args(): Check['args'] {
    return this.general.args;
  }

  get further(): Check['further'] {
    return this.general.further;
  }
}

/** All of it as an object of its own, to be spread. */
export function plainCheck(check: Check): Check {
  if (!(check instanceof ServerCheck)) return check;
  return { ...check.general, address: check.address, port: check.port };
}

/** In the thread that it was sent to. */
export function receivedCheck(sent: SentCheck): Check {
  if (!('general' in sent) || sent instanceof ServerCheck) return sent;
  return new ServerCheck(sent.general, sent.address, sent.port);
}
