/** ProFTPD, with one user and one file. */

import { chmod } from 'node:fs/promises';
import { lacks } from '../../../helpers/programs.js';
import { hashOf } from '../../../helpers/servers/own-system.js';
import { type ServerProgram, startServer } from '../../../helpers/servers/server-program.js';
import { lacksFiles, lacksRoot, located, unpackedLibraries } from '../../../helpers/servers/unpacked.js';
import { type Served, stopped } from '../case.js';
import { certificateCases, certificateFiles, shown } from '../certificates.js';
import { content, downCase, fetched, filesCases, greeted, loggedIn, refused, right } from './cases.js';

const program = '/usr/sbin/proftpd';
const modules = '/usr/lib/proftpd';
export const proftpdMissing =
  lacksFiles(program, `${modules}/mod_tls.so`, `${modules}/mod_sftp.so`) || lacksRoot() || lacks('openssl');

/** $ is the directory in the settings. `prepare` makes further files. */
export function startProftpd(
  settings: readonly string[] = [],
  prepare: (directory: string) => Promise<void> = async () => {},
): Promise<ServerProgram> {
  return startServer({
    program: located(program),
    args: ({ directory }) => ['-n', '-c', `${directory}/proftpd.conf`],
    env: unpackedLibraries,
    files: ({ address, port, directory }) => ({
      'proftpd.conf': [
        `ModulePath ${located(modules)}`,
        'LoadModule mod_tls.c',
        'LoadModule mod_sftp.c',
        'ServerType standalone',
        'ServerName files',
        `DefaultAddress ${address}`,
        `Port ${port}`,
        'User nobody',
        'Group nogroup',
        'UseIPv6 off',
        'UseReverseDNS off',
        'DelayEngine off',
        'WtmpLog off',
        'TransferLog none',
        'SystemLog $/system.log',
        'PidFile $/pid',
        'ScoreboardFile $/scoreboard',
        'RequireValidShell off',
        'AuthOrder mod_auth_file.c',
        'AuthUserFile $/users',
        'DefaultRoot ~',
        ...settings,
        '',
      ]
        .join('\n')
        .replaceAll('$', directory),
      users: `monitor:${hashOf('hunter2')}:65534:65534::${directory}/root:/bin/sh\n`,
      'root/status.txt': `${content}\n`,
      ...certificateFiles(),
    }),
    async prepare({ directory }) {
      await chmod(directory, 0o755);
      for (const name of ['users', 'key.pem']) await chmod(`${directory}/${name}`, 0o600);
      await prepare(directory);
    },
  });
}

/** By default it takes a data connection only from who resumes the session of the control connection. */
const tls = (required: 'on' | 'off', ...lines: readonly string[]): string[] => [
  'TLSEngine on',
  `TLSRequired ${required}`,
  'TLSECCertificateFile $/cert.pem',
  'TLSECCertificateKeyFile $/key.pem',
  'TLSLog $/tls.log',
  ...lines,
];
const denied = (command: string): string => `<Limit ${command}>\nDenyAll\n</Limit>`;

const base = { service: 'ftp', server: 'ProFTPD', missing: proftpdMissing } as const;

export const proftpd: readonly Served[] = [
  {
    ...base,
    settings: 'as shipped',
    start: () => startProftpd(),
    cases: [greeted, ...filesCases(), refused(), stopped(right)],
  },
  {
    ...base,
    settings: 'TLS offered',
    start: () => startProftpd(tls('off')),
    cases: [greeted, ...filesCases('tls=starttls'), ...certificateCases(`tls=starttls\n${right}`)],
  },
  {
    ...base,
    settings: 'strictest: TLS 1.3 and a client certificate required',
    start: () => startProftpd(tls('on', 'TLSProtocol TLSv1.3', 'TLSVerifyClient on', 'TLSCACertificateFile $/ca.pem')),
    cases: [
      greeted,
      {
        ...fetched,
        name: 'file, with a client certificate',
        ask: (server) => `tls=starttls\n${shown(server)}\n${String(fetched.ask)}`,
      },
      downCase('no client certificate', `tls=starttls\n${right}`, /^(tls|starttls|login): /),
      downCase('password in clear', right, /^login: the server says "550 /),
    ],
  },
  {
    ...base,
    settings: 'oldest: TLS 1.2 with the first byte',
    start: () => startProftpd(tls('on', 'TLSProtocol TLSv1.2', 'TLSOptions UseImplicitSSL NoSessionReuseRequired')),
    cases: [...filesCases('tls=yes'), ...certificateCases(`tls=yes\n${right}`).slice(0, 1)],
  },
  {
    ...base,
    settings: 'no changes of folder',
    start: () => startProftpd([denied('CWD')]),
    cases: [loggedIn, fetched],
  },
  {
    ...base,
    settings: 'no PASV, which EPSV takes the place of',
    start: () => startProftpd([denied('PASV')]),
    cases: [loggedIn, fetched],
  },
  {
    ...base,
    settings: 'nobody let in',
    start: () => startProftpd([denied('LOGIN')]),
    cases: [downCase('right password', right, /^greeting: closed by the server$/)],
  },
];
