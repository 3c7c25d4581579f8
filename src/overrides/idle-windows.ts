/** Maintenance windows that are about nobody: most likely misspelt, or left behind by a change of the configuration. */

import type { Diagnostic } from '../config/diagnostics/diagnostics.js';
import type { MaintenanceWindow } from '../config/settings/maintenance-rows.js';
import type { SettingFault, Settings } from '../config/settings/rows.js';
import type { Config, Span } from '../model/config.js';
import { isCalled } from './server-names.js';
import { isMeant } from './windows.js';

const code: SettingFault = 'idle-window';

/** Warnings with places in the settings file. */
export function idleWindows({ maintenance }: Settings, config: Config): Diagnostic[] {
  return maintenance.flatMap((window) => {
    const fault = faultOf(window, config);
    return fault === null ? [] : [{ severity: 'warning', code, ...fault }];
  });
}

function faultOf(window: MaintenanceWindow, { virtuals }: Config): { message: string; span: Span } | null {
  const { server, virtual, places } = window;
  // Several configurations may share the settings: it may be another one's.
  const here = 'in this configuration; the window holds nobody here';
  const meant = virtuals.filter((candidate) => isMeant(window, candidate));
  if (meant.length === 0 && places['virtual']) {
    return { message: `no virtual service is called '${virtual}' ${here}`, span: places['virtual'] };
  }
  if (server === null || !places['server']) return null;
  if (meant.some(({ realServers }) => realServers.some((real) => isCalled(real, server)))) return null;
  const where = virtual === null ? '' : ` of ${virtual}`;
  return { message: `no real server${where} is called '${server}' ${here}`, span: places['server'] };
}
