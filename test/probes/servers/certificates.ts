/** What servers are given to speak TLS with, and the checks that look at it. */

import { type Certificate, testAuthority } from '../../helpers/certificate.js';
import type { ServerProgram } from '../../helpers/servers/server-program.js';
import type { Case } from './case.js';

export const site = 'www.example.com';
/** Its certificate has expired. */
export const oldSite = 'old.example.com';

const made = new Map<string, Certificate>();

/** Of the test authority, made when it is first wanted. */
function issued(name: string, days: number): Certificate {
  const known = made.get(name) ?? testAuthority().issue({ names: [name], days });
  made.set(name, known);
  return known;
}

/** For the site, valid for 30 days. */
export function siteCertificate(): Certificate {
  return issued(site, 30);
}

const both = ({ cert, key }: Certificate): string => `${cert}${key}`;

/** Files for a server's directory. */
export function certificateFiles(): Readonly<Record<string, string>> {
  const own = siteCertificate();
  const old = issued(oldSite, -1);
  const client = issued('director.example.com', 30);
  return {
    'cert.pem': own.cert,
    'key.pem': own.key,
    'both.pem': both(own),
    'old-cert.pem': old.cert,
    'old-key.pem': old.key,
    'old-both.pem': both(old),
    'client-both.pem': both(client),
    'ca.pem': testAuthority().cert,
  };
}

/** Directives that verify the certificate, for the site or another name. */
export function verified({ directory }: Pick<ServerProgram, 'directory'>, name = site): string {
  return `tlsverify=yes\ntlscafile="${directory}/ca.pem"\ntlsservername="${name}"`;
}

/** Shows the server a certificate that the test authority has signed. */
export function shown({ directory }: Pick<ServerProgram, 'directory'>): string {
  return `tlscertfile="${directory}/client-both.pem"`;
}

const lines = (...parts: readonly string[]): string => parts.filter((part) => part !== '').join('\n');

/** A right certificate, and what is wrong with it for other directors; `ask` is what finds the server up. */
export function certificateCases(ask = '', up = /^/): Case[] {
  return [
    { name: 'certificate verified', ask: (server) => lines(ask, verified(server)), up: true, says: up },
    {
      name: 'certificate of another name',
      ask: (server) => lines(ask, verified(server, 'www.example.net')),
      up: false,
      says: /^(\S+: )?tls: the certificate is for www\.example\.com/,
    },
    {
      name: 'certificate of an unknown authority',
      ask: lines(ask, `tlsverify=yes\ntlsservername="${site}"`),
      up: false,
      says: /tls: the certificate is from an unknown authority/,
    },
    {
      name: 'certificate about to expire',
      ask: (server) => lines(ask, verified(server), 'tlsmindays=40'),
      up: false,
      says: /tls: the certificate is valid for 30 more days/,
    },
  ];
}

/** For servers that have an expired certificate too, chosen by the name that is asked for. */
export function expiredCase(ask = ''): Case {
  return {
    name: 'certificate expired',
    ask: (server) => lines(ask, verified(server, oldSite)),
    up: false,
    says: /tls: the certificate expired/,
  };
}
