/** Files of systemd.network(5): one of ours for a link that has none, else a drop-in for its own. */

import { rangeText } from '../../../model/names.js';
import type { Change } from '../../needs/change.js';
import type { Files, WantedFile } from './files.js';
import { textOf } from './kernel-files.js';

const directory = '/etc/systemd/network';

export function networkdFiles(changes: readonly Change[], networkFiles: ReadonlyMap<string, string>): Files {
  const wanted: WantedFile[] = [];
  const faults: string[] = [];
  for (const [device, sections] of sectionsByDevice(changes)) {
    const own = `60-ldirectord-${device}.network`;
    const standing = networkFiles.get(device) ?? own;
    if (standing !== own) {
      const path = `${directory}/${standing}.d/60-ldirectord.conf`;
      wanted.push({ path, text: textOf(sections.flat()), mode: '644' });
    } else if (sections.some(([head]) => head === '[Route]')) {
      faults.push(`${device} is not systemd-networkd's: the way of answers by it is not kept`);
    } else {
      wanted.push({ path: `${directory}/${own}`, text: textOf([...headOf(device), ...sections.flat()]), mode: '644' });
    }
  }
  if (changes.some((one) => one.kind === 'add-route' && one.device === null)) {
    faults.push('nothing leads to the gateway of answers: their way is not kept');
  }
  return { wanted, faults };
}

/** What the link has from others is left: whoever takes a link over, takes what is foreign off it. */
function headOf(device: string): string[] {
  const network = ['[Network]', ...(device === 'lo' ? [] : ['LinkLocalAddressing=no']), 'KeepConfiguration=static'];
  return ['[Match]', `Name=${device}`, '[Link]', 'RequiredForOnline=no', ...network];
}

function sectionsByDevice(changes: readonly Change[]): Map<string, string[][]> {
  const byDevice = new Map<string, string[][]>();
  const add = (device: string | null, section: readonly string[]): void => {
    if (device === null) return;
    const sections = byDevice.get(device) ?? [];
    byDevice.set(device, section.length === 0 ? sections : [...sections, [...section]]);
  };
  const routes = changes.filter((one) => one.kind === 'add-route');
  for (const one of changes) {
    switch (one.kind) {
      case 'raise-link':
        add(one.name, []);
        break;
      case 'add-address':
        add(one.device, ['[Address]', `Address=${one.address}/${one.prefix}`]);
        break;
      case 'add-route':
        add(one.device, ['[Route]', `Gateway=${one.gateway}`, `Table=${one.table}`]);
        break;
      case 'add-rule':
        add(routes.find(({ table, family }) => table === one.table && family === one.family)?.device ?? null, [
          '[RoutingPolicyRule]',
          `Priority=${one.priority}`,
          `From=${one.from}`,
          `IPProtocol=${one.protocol}`,
          `SourcePort=${rangeText(one.ports)}`,
          `Table=${one.table}`,
        ]);
        break;
      default:
    }
  }
  return byDevice;
}
