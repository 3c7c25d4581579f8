/** The value of `agent`. */

import type { AgentAddress } from '../../model/agent.js';
import { hostOf } from './addresses.js';
import { inBrackets, portNumber, refuseAddress, refusePort } from './endpoints.js';
import { accept, type Reader, refuse } from './reading.js';

const host = String.raw`\[[^\]/]*\]|[\w.-]*`;
const overTcp = new RegExp(`^(?:(${host}):)?([\\w-]+)$`);
const overHttp = new RegExp(`^http://(${host})(?::([\\w-]+))?(/[!-~]*)?$`, 'i');

/** `PORT`, `HOST:PORT` or `http://[HOST][:PORT][/PATH]`. Without a host it is the real server's own. */
export const agentAddress: Reader<AgentAddress> = (field, { section, services }) => {
  const url = overHttp.exec(field.text);
  const [, hostText = '', portText = '80', path = '/'] = url ?? overTcp.exec(field.text) ?? [];
  if (url === null && !overTcp.test(field.text)) {
    const forms = 'PORT, HOST:PORT or http://HOST:PORT/PATH, where HOST can be left out';
    return refuse('bad-agent', `an agent is asked at ${forms}`, field.span());
  }
  const family = section?.family ?? 'inet';
  const named = hostText === '' ? null : hostOf(inBrackets(hostText), family);
  if (hostText !== '' && named === null) return refuseAddress(field, family);
  const port = portNumber(portText, (name) => services.port(name, 'tcp'))?.number ?? 0;
  return port === 0 ? refusePort(field) : accept({ host: named, port, path: url === null ? null : path });
};
