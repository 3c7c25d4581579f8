/** Which backend is to hold the table: the one of the command line, or else of the settings beside the configuration. */

import { loadSettings } from '../config/settings/settings.js';
import type { BackendName } from '../ipvs/capabilities.js';
import type { Command } from './command.js';

export async function backendOf({ backend }: Command, file: string): Promise<BackendName> {
  return backend ?? (await loadSettings(file)).settings.backend;
}
