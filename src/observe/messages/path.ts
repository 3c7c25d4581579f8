/** Events of addresses and packet rules as lines of the log. */

import type { PathEvent } from '../../events/path.js';
import { info, type MessageRows, warning } from './message.js';
import { firstOf } from './words.js';

export const pathMessages: MessageRows<PathEvent> = {
  'vip-added': (event) => [info(`Added address ${vipText(event)}`)],
  'vip-removed': (event) => [info(`Removed address ${vipText(event)}`)],
  'vip-foreign': (event) => [
    warning(`Address ${vipText(event)} is there already: it is somebody else's, and stays at a stop`),
  ],
  'vip-drifted': (event) => [warning(`Address ${vipText(event)} was gone, putting it back`)],
  'vip-contested': (event) => {
    const advice = 'does another program manage the device? It is put back less often now';
    return [warning(`Address ${vipText(event)} is gone each time that it is put back: ${advice}`)];
  },
  'vip-failed': (event) => {
    const { addresses, device, code, reason } = event;
    return [{ level: 'bad', text: `Address ${firstOf(addresses)} on ${device}: ${reason} (${code})` }];
  },
  'vip-restored': (event) => [{ level: 'good', text: `Address ${vipText(event)} is there again: the device is up` }],
  'vip-unannounced': (event) => [
    warning(`Address ${vipText(event)} could not be announced: ${event.reason} (${event.code})`),
  ],
  'vip-journal-lost': (event) => [warning(`Which addresses are ours is lost: ${event.reason}`)],
  'packet-rules-changed': (event) => {
    const { table, marks, snats } = event;
    const what = marks + snats === 0 ? 'none any more' : `${marks} for marks, ${snats} for snat`;
    return [info(`Packet rules: ${what} (nftables: inet ${table})`)];
  },
  'packet-rules-drifted': (event) => [
    warning(`Packet rules changed by somebody else, putting them right (nftables: inet ${event.table})`),
  ],
  'packet-rules-failed': (event) => [
    { level: 'bad', text: `Packet rules (nftables: inet ${event.table}): ${event.message} (${event.code})` },
  ],
  'packet-rules-restored': (event) => [info(`Packet rules are in order again (nftables: inet ${event.table})`)],
};

function vipText({ address, device }: { readonly address: string; readonly device: string }): string {
  return `${address} on ${device}`;
}
